"""Personal data in what people write: who is told of it, and what it keeps from being public.

Nothing found is stored or logged; only the kinds go into the history.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Municipality, Office
from places.names import names_of
from reports.models import Report
from routing.models import Category, PublicationPolicy
from textguard.guard import find
from textguard.places import PlaceNames
from textguard.spans import Confidence, Kind, Span, mask

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

KIND_WORDS: dict[Kind, "StrPromise"] = {
    Kind.NAME: gettext_lazy("Name"),
    Kind.PHONE: gettext_lazy("Telefonnummer"),
    Kind.EMAIL: gettext_lazy("E-Mail-Adresse"),
    Kind.IBAN: gettext_lazy("Kontonummer"),
    Kind.PLATE: gettext_lazy("Kfz-Kennzeichen"),
    Kind.HOUSE_NUMBER: gettext_lazy("Hausnummern"),
    Kind.BIRTH_DATE: gettext_lazy("Geburtsdatum"),
    Kind.HANDLE: gettext_lazy("Profil in einem sozialen Netz"),
}
_NO_SIGN = re.compile(r"[^\w@]")


class PersonalDataFound(Exception):
    """A text would become public with personal data in it; `spans` are the sure ones."""

    def __init__(self, spans: Sequence[Span]) -> None:
        super().__init__(", ".join(sorted({span.kind.value for span in spans})))
        self.spans = spans


def find_in(text: str, town_id: int, category: Category | None = None) -> list[Span]:
    """What of a text is personal data; one query at most, for the names of the town's places."""
    if not text.strip():
        return []
    return find(text, sensitive=is_sensitive(category), places=_places(names_of(town_id)))


def is_sensitive(category: Category | None) -> bool:
    """Whether a house number tells more of people than of a place."""
    discreet = {PublicationPolicy.COARSE, PublicationPolicy.NEVER}
    return category is not None and category.publication_policy in discreet


def proposed_public_text(text: str, spans: Iterable[Span]) -> str:
    """A text for the public with placeholders for what was found."""
    return mask(text, spans)


def found_in_answer(text: str, report: Report) -> list[Span]:
    """What of an answer is personal data; the town's and the office's own numbers are none."""
    own = _own_contacts(report.municipality, report.office)
    return [
        span
        for span in find_in(text, report.municipality_id)
        if _bare(text[span.start : span.end]) not in own
    ]


def kinds_of(spans: Iterable[Span]) -> list[Kind]:
    """Each kind once, in the order of their places in the text."""
    return list(dict.fromkeys(span.kind for span in spans))


def kinds_in_words(kinds: Iterable[Kind]) -> str:
    """`Name, Telefonnummer und Kennzeichen`, in the active language."""
    return get_text_list([str(KIND_WORDS[kind]) for kind in kinds], _("und"))


def sure(spans: Iterable[Span]) -> list[Span]:
    """Those that must not become public unseen."""
    return [span for span in spans if span.confidence == Confidence.HIGH]


@lru_cache(maxsize=64)
def _places(names: frozenset[str]) -> PlaceNames:
    return PlaceNames(names)


def _own_contacts(town: Municipality, office: Office | None) -> set[str]:
    written = [town.contact_phone, town.contact_email]
    written += [office.phone, office.email] if office else []
    return {_bare(contact) for contact in written if contact}


def _bare(contact: str) -> str:
    """`07131 56-0` and `+49 7131 560` alike."""
    bare = _NO_SIGN.sub("", contact).casefold()
    return bare.removeprefix("0049").removeprefix("49").removeprefix("0")
