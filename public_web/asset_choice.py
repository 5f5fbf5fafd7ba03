"""Which things of the inventory a form names: ticked in a list, or by the number on them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from reports.models import PlaceChosenBy
from reports.queries import public_assets
from reports.queries.public_assets import AssetFacts
from routing.assets import MOST_OF_A_REPORT

FIND, CHOSEN, NUMBER = "find_assets", "assets", "asset_number"
# As exact as the inventories of most towns are.
ACCURACY_M = 5


@dataclass(frozen=True)
class OfferedAsset:
    """A thing in the form's list."""

    facts: AssetFacts
    is_chosen: bool


@dataclass(frozen=True)
class AssetChoice:
    """What a form says about things: which are chosen, which are shown, what is wrong.

    `was_asked` says that the button for looking was pressed, not the one for sending.
    """

    kinds: Sequence[str] = ()
    references: tuple[str, ...] = ()
    offered: Sequence[OfferedAsset] = ()
    was_asked: bool = False
    fault: str = ""


def choice_of(data: QueryDict, town_slug: str, code: str, kinds: Sequence[str]) -> AssetChoice:
    """Read what was ticked and typed; a number that fits one thing alone chooses it.

    `kinds` is what the category's things are called; without any, nothing is read.
    """
    if not kinds:
        return AssetChoice()
    wanted = [each[:121] for each in data.getlist(CHOSEN) if each][:MOST_OF_A_REPORT]
    chosen = public_assets.assets_by_reference(town_slug, wanted)
    number = " ".join(data.get(NUMBER, "").split())[:80]
    named = public_assets.assets_named(town_slug, code, number) if number else []
    known = {each.reference for each in chosen}
    if len(named) == 1 and named[0].reference not in known:
        chosen = [*chosen, named[0]]
        known.add(named[0].reference)
    was_asked = FIND in data
    near = _near(data, town_slug, code) if was_asked else []
    shown = list({each.reference: each for each in (*chosen, *named, *near)}.values())
    return AssetChoice(
        kinds,
        tuple(each.reference for each in chosen),
        [OfferedAsset(each, each.reference in known) for each in shown],
        was_asked,
        _fault(data, number, named, known, near, kinds),
    )


def with_place(data: QueryDict, choice: AssetChoice) -> QueryDict:
    """Give a form without a point the place of the first thing it names."""
    if (data.get("lon") and data.get("lat")) or not choice.references:
        return data
    first = next(each.facts for each in choice.offered if each.is_chosen)
    filled = data.copy()
    filled["lon"], filled["lat"] = str(first.lon), str(first.lat)
    filled["accuracy_m"] = str(ACCURACY_M)
    filled["place_chosen_by"] = PlaceChosenBy.LIST
    return filled


def _near(data: QueryDict, town_slug: str, code: str) -> list[AssetFacts]:
    point = _point(data)
    return public_assets.assets_near(town_slug, code, *point) if point else []


def _point(data: QueryDict) -> tuple[float, float] | None:
    try:
        return float(data.get("lon", "")), float(data.get("lat", ""))
    except ValueError:
        return None


def _fault(
    data: QueryDict,
    number: str,
    named: Sequence[AssetFacts],
    known: set[str],
    near: Sequence[AssetFacts],
    kinds: Sequence[str],
) -> str:
    if number and not named:
        return _("Diese Nummer kennen wir nicht. Bitte prüfen Sie sie oder lassen Sie sie weg.")
    if len(named) > 1 and not {each.reference for each in named} & known:
        return _("Diese Nummer gibt es mehrmals. Bitte wählen Sie aus der Liste.")
    if FIND in data and not number and not near:
        if _point(data) is None:
            return _("Bitte nennen Sie zuerst den Ort, oder eine Nummer.")
        return _("In der Nähe ist nichts davon verzeichnet (%(kinds)s). Das macht nichts.") % {
            "kinds": ", ".join(kinds)
        }
    return ""
