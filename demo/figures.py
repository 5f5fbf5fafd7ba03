"""Figures for the demo: a public statistics page, and reports for council and management."""

import random
from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from accounts.models import Municipality, Role, RoleAssignment
from figures.actions.build_report import build_report
from figures.actions.publish_statistics import publish_statistics
from figures.actions.release_report import release_report, write_words
from figures.actions.request_report import request_report
from figures.models import ManagementReport, StatisticsChoice
from figures.period import presets
from figures.scope import Scope
from leases.models import WorkState
from reports.actions.take_over import OldRecord, take_over
from reports.lifecycle import ClosingReason, Status
from reports.models import Effect, Publication, Report
from reports.participation import Feedback
from routing.models import PublicationPolicy

OLDER, OLDER_CASES = "alt-", 400

SUMMARY = (
    "Die Meldungen verteilen sich wie erwartet auf Straßen, Grün und Abfall. Die Zahlen dieser "
    "Vorführung sind erfunden."
)


def show_figures(town: Municipality) -> None:
    """Give a town two years of older cases, public figures, a released report and a draft, once."""
    if not Report.objects.filter(municipality=town, import_key__startswith=OLDER).exists():
        _take_older_cases_over(town)
    StatisticsChoice.objects.get_or_create(
        municipality=town,
        defaults={
            "is_published": True,
            "with_satisfaction": True,
            "grid_m": 2000,
            "method_note": "Die Fälle dieser Vorführung sind erfunden.",
        },
    )
    publish_statistics(town, now=timezone.now())
    if not ManagementReport.objects.filter(municipality=town).exists():
        _make_reports(town)


def _take_older_cases_over(town: Municipality) -> None:
    """Cases without words, as an earlier system hands them over: kind, place and days."""
    chance = random.Random(town.slug)  # noqa: S311 - made-up cases, the same each time
    now = timezone.now()
    known = list(
        Report.objects.filter(municipality=town, office__isnull=False, is_confidential=False)
        .exclude(category__publication_policy=PublicationPolicy.NEVER)
        .order_by("import_key")
        .values_list("category__code", "office__key", "place")
    )
    # A few kinds make up most of what is reported.
    often = known[:: max(1, len(known) // 12)]
    records = []
    for number in range(OLDER_CASES):
        kind, office, place = chance.choice(often if number % 3 else known)
        received = now - timedelta(days=chance.uniform(40, 760))
        closed = received + timedelta(days=min(chance.expovariate(1 / 9) + 0.2, 39))
        records.append(
            OldRecord(
                key=f"{OLDER}{number}", category_code=kind, office_key=office,
                lon=place.x + chance.gauss(0, 0.004), lat=place.y + chance.gauss(0, 0.003),
                received_at=received, status=Status.DONE, closed_at=closed,
                closing_reason=ClosingReason.DONE,
            )
        )  # fmt: skip
    take_over(town, records, now=now)
    made = Report.objects.filter(municipality=town, import_key__startswith=OLDER)
    made.update(
        publication=Publication.WITHHELD,
        text_publication=Publication.WITHHELD,
        first_answered_at=F("received_at") + (F("closed_at") - F("received_at")) / 3,
        first_answer_due_at=F("received_at") + timedelta(days=4),
        due_at=F("received_at") + timedelta(days=16),
    )
    # They are withheld: there is nothing to publish, and the first real report need not wait.
    Effect.objects.filter(report__in=made, state=WorkState.PENDING).update(
        state=WorkState.DONE, settled_at=now
    )
    Feedback.objects.bulk_create(
        Feedback(report_id=pk, is_fixed=place % 6 != 0, satisfaction=5 - place % 4, given_at=closed)
        for place, (pk, closed) in enumerate(made.order_by("pk").values_list("pk", "closed_at"))
        if place % 4 == 0 and closed is not None
    )


def _make_reports(town: Municipality) -> None:
    now = timezone.now()
    role = RoleAssignment.objects.filter(municipality=town, role=Role.MANAGER).order_by("pk").last()
    if role is None:
        return
    scope = Scope(town.pk, whole_town=True, offices=frozenset(), may_release=True)
    half, before = presets(now.astimezone(town.tz).date())[4:6]
    for period in (before, half):
        report = request_report(
            town=town, office=None, period=period, scope=scope, by=role.user, now=now
        )
        build_report(report.pk, now=now - timedelta(minutes=1))
        ManagementReport.objects.filter(pk=report.pk).update(state=WorkState.DONE, settled_at=now)
        if period == before:
            write_words(report.pk, scope=scope, summary=SUMMARY, comment="", outlook="")
            release_report(report.pk, scope=scope, by=role.user, now=now)
