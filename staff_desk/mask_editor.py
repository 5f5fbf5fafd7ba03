"""What the editor of masks draws over one photo, on its own page and on the approval page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from reports import masks
from reports.models import Photo
from staff_desk.mask_rows import KIND_WORDS, MaskRow, rows_of


@dataclass(frozen=True)
class MaskEditor:
    """One photo with its masks as rows of a form.

    `src` is the picture below the drawing: the covered copy, which everybody sees, or the photo
    without masks; `reveal` is where the latter is fetched, "" where it lies there already.
    """

    ordinal: int
    rows: Sequence[MaskRow]
    src: str
    width: int
    height: int
    reveal: str = ""

    @property
    def alt(self) -> str:
        """What the picture below the drawing shows."""
        if not self.reveal:
            return self.alt_unmasked
        return _("Foto %(ordinal)s, wie es jetzt verdeckt ist") % {"ordinal": self.ordinal}

    @property
    def alt_unmasked(self) -> str:
        """The same for the photo without masks."""
        return _("Foto %(ordinal)s ohne Masken") % {"ordinal": self.ordinal}

    @property
    def proposals(self) -> int:
        """How many masks a detector has proposed and nobody has looked at."""
        return sum(row.is_proposal for row in self.rows)

    @property
    def kinds(self) -> Iterable[tuple[str, Promise]]:
        """What a mask may cover, code and words."""
        return KIND_WORDS.items()


def over_unmasked(number: str, photo: Photo, rows: Sequence[MaskRow]) -> MaskEditor:
    """The editor over the photo without masks; fetching the picture is written down."""
    size = photo.derivatives[max(photo.derivatives, key=int)]
    src = reverse("staff_desk:unmasked", args=[number, photo.ordinal])
    return MaskEditor(photo.ordinal, rows, src, size["width"], size["height"])


def over_covered(number: str, photo: Photo) -> MaskEditor | None:
    """The editor over the covered copy; None while no copy carries the masks as they stand."""
    copies: dict[str, Any] = masks.copies_for_others(photo)
    if not masks.is_current(photo) or not copies:
        return None
    largest = max(copies, key=int)
    place = [number, photo.ordinal]
    return MaskEditor(
        photo.ordinal,
        rows_of(masks.read(photo.masks)),
        reverse("staff_desk:photo", args=[*place, int(largest), "jpeg"]),
        copies[largest]["width"],
        copies[largest]["height"],
        reveal=reverse("staff_desk:unmasked", args=place),
    )
