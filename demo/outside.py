"""The demo's bodies and firms outside the town hall, with cases in every state."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import zip_longest
from pathlib import Path

from django.db.models import Q

from accounts.models import Municipality, User
from reports.actions.delegate import Errand, delegate, revoke
from reports.actions.firm_reports import FirmKey, take_step
from reports.actions.pass_on import Parcel, pass_on
from reports.actions.take_outside_answer import take_outside_answer
from reports.delegating import DelegationState, Firm
from reports.models import Report
from reports.outside import OutsideBody, Passing
from routing import town_setup
from routing.models import Category

ANSWER = "Wir haben Ihre Meldung an %s weitergegeben. Dort wird die Stelle geprüft."
_REPLY = "Vielen Dank. Die Stelle ist im Bauprogramm für das nächste Quartal vorgesehen."


def load_bodies(town: Municipality, path: Path) -> None:
    """Create or update the directory of a demo town; the town next door may come later."""
    if not path.exists():
        return
    for row in town_setup.read_rows(path):
        there = Municipality.objects.filter(slug=row["town"]).first() if row["town"] else None
        if row["town"] and there is None:
            continue
        fields = ("kind", "what_for", "channel", "email", "phone", "postal_address")
        body, _made = OutsideBody.objects.update_or_create(
            municipality=town,
            name=row["name"],
            defaults={
                **{field: row[field] for field in fields},
                "asks_consent": row["asks_consent"] == "1",
                "to_municipality": there,
            },
        )
        codes = [code for code in row["categories"].split(";") if code]
        body.categories.set(Category.objects.filter(municipality=town, code__in=codes))


def pass_cases_on(town: Municipality, now: datetime) -> None:
    """Pass some open cases on: one waits, one was answered, one is due, one was closed with it."""
    today = now.astimezone(town.tz).date()
    for place, (report, body, clerk) in enumerate(_pairs(town)):
        passing = pass_on(
            report.pk,
            parcel=Parcel(
                body_id=body.pk,
                letter=f"Nach unserer Kenntnis ist das Ihre Sache: {body.what_for}.",
                follow_up_on=today + timedelta(days=body.answer_days),
            ),
            closes=place % 2 == 1,
            answer=ANSWER % body.name,
            by=clerk,
            now=now,
            expected_version=report.version,
        )
        _go_on(passing, place, today, now)


def _go_on(passing: Passing, place: int, today: date, now: datetime) -> None:
    if place == 0:
        take_outside_answer(passing.pk, text=_REPLY, now=now)
    elif place in {1, 2}:
        Passing.objects.filter(pk=passing.pk).update(follow_up_on=today)


def _pairs(town: Municipality) -> Iterator[tuple[Report, OutsideBody, User]]:
    """One open case for each body that takes its kind, with a clerk of its office."""
    used: set[int] = set()
    for body in OutsideBody.objects.filter(municipality=town, channel__in=["mail", "letter"]):
        reports = Report.objects.filter(
            municipality=town,
            category__in=body.categories.all(),
            status__in=["received", "in_progress"],
            is_danger=False,
            screening="clear",
            office__isnull=False,
        ).exclude(pk__in=used)
        report = reports.order_by("pk").first()
        clerk = (
            User.objects.filter(roles__office=report.office_id).order_by("pk").first()
            if report
            else None
        )
        if report is not None and clerk is not None:
            used.add(report.pk)
            yield report, body, clerk


def load_firms(town: Municipality, path: Path) -> None:
    """Create or update the firms and crews of a demo town."""
    if path.exists():
        for row in town_setup.read_rows(path):
            fields = ("kind", "trade", "email", "phone")
            Firm.objects.update_or_create(
                municipality=town,
                name=row["name"],
                defaults={field: row[field] for field in fields},
            )


def give_work(town: Municipality, now: datetime) -> None:
    """Give firms a case in every state a delegation can be in."""
    for place, ((report, clerk, firm), story) in enumerate(
        zip(_works(town), _STORIES, strict=False)
    ):
        errand = Errand(
            firm_id=firm.pk,
            instructions=_WORK,
            until=now + timedelta(days=7 + place),
        )
        version = report.version
        given = delegate(report.pk, errand=errand, by=clerk, now=now, expected_version=version)
        for step, words in story:
            key = FirmKey(given.pk, given.key_version)
            take_step(key, to=step, text=words, now=now)
        if place == len(_STORIES) - 1:
            report.refresh_from_db()
            revoke(report.pk, by=clerk, now=now, expected_version=report.version)


_WORK = (
    "Bitte die Stelle ansehen und instand setzen. Vorher kurz anrufen, wenn gesperrt werden muss."
)
_S = DelegationState
_STORIES: tuple[tuple[tuple[DelegationState, str], ...], ...] = (
    (),
    ((_S.ACCEPTED, ""),),
    ((_S.ACCEPTED, ""), (_S.WORKING, "Wir sind vor Ort.")),
    ((_S.ACCEPTED, ""), (_S.DONE, "Erledigt, Fotos folgen.")),
    ((_S.REFUSED, "Diese Woche ist kein Trupp frei."),),
    (),
)


# What each trade of firms.csv is called for, by the beginning of the code.
_TRADES = {
    "Straßen- und Tiefbau": ("strasse.",),
    "Straßenbeleuchtung": ("licht.strassenlampe",),
    "Baumpflege": ("gruen.",),
    "Kleinreparaturen": ("sauber.", "orte."),
}


def _works(town: Municipality) -> Iterator[tuple[Report, User, Firm]]:
    """Open cases in turn for each firm, of its trade, with a clerk of their office."""
    firms = Firm.objects.filter(municipality=town).order_by("pk")
    columns = [[(*case, firm) for case in _open_cases(town, firm.trade)] for firm in firms]
    for row in zip_longest(*columns):
        yield from (work for work in row if work is not None)


def _open_cases(town: Municipality, trade: str) -> list[tuple[Report, User]]:
    kinds = Q()
    for prefix in _TRADES.get(trade, ()):
        kinds |= Q(category__code__startswith=prefix)
    reports = Report.objects.filter(
        kinds,
        municipality=town,
        status__in=["received", "in_progress"],
        is_danger=False,
        screening="clear",
        office__isnull=False,
        passings__isnull=True,
    ).order_by("-pk")
    found = []
    for report in reports[: len(_STORIES)]:
        clerk = User.objects.filter(roles__office=report.office_id).order_by("pk").first()
        if clerk is not None:
            found.append((report, clerk))
    return found
