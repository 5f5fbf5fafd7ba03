"""What is known of an area besides its shape: which road, inside or outside a place, whose ground.

Rules ask for these by key and value; anything else is refused, so that a typing error in a file
cannot make a rule silently never match.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from geofiles.words import word_of

# § 1 FStrG and § 3 of the road laws of the states; »Weg« is what serves walkers and fields.
ROAD_CLASSES = {
    "A": gettext_lazy("Autobahn"),
    "B": gettext_lazy("Bundesstraße"),
    "L": gettext_lazy("Landesstraße"),
    "K": gettext_lazy("Kreisstraße"),
    "G": gettext_lazy("Gemeindestraße"),
    "W": gettext_lazy("Weg"),
}
# Inside the limits of a place a large town itself maintains federal and state roads (§ 5 FStrG).
THROUGH_ROAD = {
    "inside": gettext_lazy("innerhalb der Ortsdurchfahrt"),
    "outside": gettext_lazy("außerhalb der Ortsdurchfahrt"),
}
OWNERSHIP = {
    "public": gettext_lazy("öffentlicher Grund"),
    "private": gettext_lazy("privater Grund"),
}

# Key -> its name, and its values with theirs.
AREA_ATTRIBUTES: dict[str, tuple[Any, Mapping[str, Any]]] = {
    "road_class": (gettext_lazy("Straßenklasse"), ROAD_CLASSES),
    "through_road": (gettext_lazy("Ortsdurchfahrt"), THROUGH_ROAD),
    "ownership": (gettext_lazy("Eigentum"), OWNERSHIP),
}


def value_of(key: str, raw: Any) -> str | None:
    """A value as rules know it, from a code or a name of any spelling; None where it is none.

    `B`, `b`, `Bundesstraße` and `bundesstrasse` are one value.
    """
    return _spellings(key).get(word_of(raw).casefold())


def validate_attributes(attributes: Any) -> None:
    """Raise ValidationError for anything but known keys with known values."""
    if not isinstance(attributes, dict):
        raise ValidationError(_("Erwartet werden Schlüssel mit Werten."))
    for key, value in attributes.items():
        if key not in AREA_ATTRIBUTES:
            raise ValidationError(_("Unbekannte Eigenschaft: %(key)s."), params={"key": key})
        if value not in list(AREA_ATTRIBUTES[key][1]):
            raise ValidationError(
                _("%(name)s kann nicht %(value)s sein. Möglich: %(possible)s."),
                params={
                    "name": AREA_ATTRIBUTES[key][0],
                    "value": value,
                    "possible": ", ".join(AREA_ATTRIBUTES[key][1]),
                },
            )


@cache
def _spellings(key: str) -> dict[str, str]:
    with override("de"):
        names = {str(name).casefold(): value for value, name in AREA_ATTRIBUTES[key][1].items()}
    return names | {value.casefold(): value for value in AREA_ATTRIBUTES[key][1]}
