"""Where somebody is on the way through what waits for a decision, and how pages lead back to it."""

from dataclasses import dataclass

from django.http import QueryDict
from django.urls import reverse

from reports.models import Publication
from reports.queries.desk_case import CaseFile
from reports.queries.moderation import Wanted
from staff_desk.moderation_filters import as_query, fields_of, wanted_in
from staff_desk.moderation_undo import Undo, written
from staff_desk.parameters import plain

CONTINUES = "freigabe"


@dataclass(frozen=True)
class Way:
    """Which cases are worked through, and the number of the one put off last."""

    wanted: Wanted
    skipped: str

    def address(self, **more: str) -> str:
        """The next case; with `vorgang` that one, with `zurueck` the way back from a decision."""
        query = as_query(self.wanted, nach=self.skipped, **more)
        return reverse("staff_desk:moderation") + (f"?{query}" if query else "")

    def query(self) -> str:
        """What takes the way along to another page and back."""
        return as_query(self.wanted, weiter=CONTINUES, nach=self.skipped)

    def fields(self) -> dict[str, object]:
        """What templates need for the forms and links of the way."""
        return {
            "way_query": self.query(),
            "continues": CONTINUES,
            "skipped": self.skipped,
            "wanted_fields": fields_of(self.wanted),
        }


def way_in(sent: QueryDict) -> Way:
    """The way a form or an address speaks of."""
    return Way(wanted_in(sent), plain(sent.get("nach", "")))


def is_on_the_way(sent: QueryDict) -> bool:
    """Whether a form was sent, or a page opened, from the approval page."""
    return sent.get("weiter") == CONTINUES


def undo_of(found: CaseFile, decided: set[str], version: int) -> str:
    """The way back from decisions on parts of a case: what they were, and the version since."""
    before = {
        part.name: Publication(part.publication) for part in found.parts if part.name in decided
    }
    return written(Undo(found.report.number, version, before))
