"""What repeats itself in the demo: a lamp that fails again, a kind that is corrected by hand."""

from datetime import datetime

from accounts.models import Municipality, Office, Role, User
from reports.actions.reroute import reroute
from reports.actions.submit import submit_report
from reports.draft import Draft, Sender
from reports.models import Report
from routing.asset import Asset

LAMP = ("leuchten", "4711")
_FLICKERS = (
    "Die Lampe flackert seit gestern Abend.",
    "Schon wieder dunkel, dabei war doch erst jemand da.",
    "Lampe geht immer wieder aus.",
)
# Kind, district, and the office it is given to by hand.
CORRECTED = ("sauber.graffiti", "Innenstadt", "70")


def fail_again(town: Municipality, *, now: datetime) -> int:
    """Report the same lamp again and again, so that the third is more pressing; how often."""
    layer, key = LAMP
    lamp = Asset.objects.filter(layer__municipality=town, layer__code=layer, key=key).first()
    if lamp is None:
        return 0
    for number, words in enumerate(_FLICKERS):
        submit_report(
            town=town,
            draft=Draft(
                category_code="licht.strassenlampe",
                lon=lamp.place.x,
                lat=lamp.place.y,
                place_chosen_by="map",
                source="web",
                description=words,
                answers={"stoerung": "flackert"},
                assets=(lamp.reference,),
                sender=Sender(email=f"anwohner{number}@buerger.example"),
            ),
            now=now,
        )
    return len(_FLICKERS)


def correct_by_hand(town: Municipality, *, now: datetime) -> int:
    """Give every case of a kind in a district to another office, as dispatchers do; how many."""
    code, district, number = CORRECTED
    office = Office.objects.filter(municipality=town, number=number).first()
    by = User.objects.filter(roles__municipality=town, roles__role=Role.DISPATCHER).first()
    if office is None or by is None:
        return 0
    cases = Report.objects.filter(
        municipality=town, category__code=code, district__name=district
    ).exclude(office=office)
    for case in cases:
        reroute(
            case.pk,
            to_office=office,
            reason="Graffiti in der Innenstadt entfernen die Entsorgungsbetriebe.",
            by=by,
            now=now,
            expected_version=case.version,
        )
    return len(cases)
