"""What an occasion is made of: readers, values a text may use, and how they are declared."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from leases.models import Lane

Words = str | Promise


class Audience(StrEnum):
    """Who reads a message; decides its footer and what erasing a person touches."""

    UNCONFIRMED = "unconfirmed"
    REPORTER = "reporter"
    SUPPORTER = "supporter"
    STAFF = "staff"
    OUTSIDE = "outside"


CITIZENS = frozenset({Audience.UNCONFIRMED, Audience.REPORTER, Audience.SUPPORTER})


class UnknownEvent(ValueError):
    """There is no event of this code."""


@dataclass(frozen=True)
class Placeholder:
    """A value a text may use as `{{ name }}`.

    `optional` values may be missing or empty; a line made of empty values only is left out.
    `must_appear` placeholders may not be edited away. `in_subject` is only for values that no
    citizen can word; `from_citizen` ones may hold a citizen's own words and are erased with them.
    `words` translates stable codes into words of the message's language.
    """

    name: str
    label: Words
    example: str
    optional: bool = False
    must_appear: bool = False
    in_subject: bool = False
    multiline: bool = False
    from_citizen: bool = False
    words: Mapping[str, Words] = field(default_factory=dict)


@dataclass(frozen=True)
class Event:
    """An occasion: stable code, name for people, usual queue, readers, declared values."""

    code: str
    label: Words
    lane: Lane
    audience: Audience
    placeholders: tuple[Placeholder, ...] = ()

    def declared(self) -> dict[str, Placeholder]:
        """Values the caller gives, by name."""
        return {placeholder.name: placeholder for placeholder in self.placeholders}

    def usable(self) -> dict[str, Placeholder]:
        """Everything a text may use: declared values and what is known of the municipality."""
        return {placeholder.name: placeholder for placeholder in HOUSE} | self.declared()


# Filled in by rendering from the municipality and the settings; usable in every text.
HOUSE = (
    Placeholder("municipality", _("Name der Kommune"), "Heilbronn", in_subject=True),
    Placeholder("official_name", _("amtlicher Name"), "Stadt Heilbronn", in_subject=True),
    Placeholder("contact_email", _("E-Mail der Kommune"), "meldungen@heilbronn.example"),
    Placeholder("contact_phone", _("Telefon der Kommune"), "07131 56-0", optional=True),
    Placeholder("website", _("Internetseite"), "https://heilbronn.example/", optional=True),
    Placeholder("confirm_hours", _("Stunden, in denen eine Adresse bestätigt werden kann"), "48"),
)

NUMBER = Placeholder("number", _("Vorgangsnummer"), "HN-2026-004711", in_subject=True)
CATEGORY = Placeholder("category", _("Anliegenart"), "Straßenbeleuchtung", in_subject=True)
OFFICE = Placeholder("office", _("zuständiges Amt"), "Amt 66", optional=True, in_subject=True)
