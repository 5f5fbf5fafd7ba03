"""Cases of which the public has heard nothing for too long."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, Max, OuterRef, Q, Subquery

from accounts.models import Municipality
from reports.escalations import Interim
from reports.incidents import Incident, IncidentNews
from reports.lifecycle import OPEN
from reports.models import ActorKind, Report, Screening, TimelineEntry
from reports.pauses import resting
from routing.calendar import working_days_before
from routing.town_loading import load_town

AT_ONCE = 500
# What people themselves did is no news to them.
_NEWS = ~Q(actor_kind=ActorKind.CITIZEN) | Q(kind="received")


@dataclass(frozen=True)
class Silent:
    """A case and when the public last heard of it."""

    report_id: int
    news_at: datetime


def silent_cases(town: Municipality, *, now: datetime) -> list[Silent]:
    """Open cases without public news for as many working days as the town allows, oldest first.

    Days are those of the dispatch office. Whom we ask, or have told a day, knows why. Four
    queries, at most 500 cases.
    """
    before = _allowed_since(town, now)
    news = TimelineEntry.objects.filter(_NEWS, report=OuterRef("pk"), is_public=True)
    latest = news.values("report").annotate(latest=Max("at")).values("latest")
    told = Interim.objects.filter(report=OuterRef("pk"), news_at=OuterRef("news_at"))
    rows = (
        Report.objects.filter(
            municipality=town,
            status__in=OPEN,
            screening=Screening.CLEAR,
            received_at__lt=before,
            import_key__isnull=True,
            # What belongs to an incident is told with all of it.
            incident__isnull=True,
        )
        .exclude(resting(now))
        .annotate(news_at=Subquery(latest))
        .filter(~Exists(told), news_at__lt=before)
        .order_by("news_at", "pk")
    )
    return [Silent(*row) for row in rows.values_list("pk", "news_at")[:AT_ONCE]]


def silent_since(incident: Incident, *, now: datetime) -> datetime | None:
    """When all who reported last heard of an incident, if that is too long ago; else None.

    Four queries; none where the town promises no interim words.
    """
    if not incident.municipality.interim_days:
        return None
    rows = IncidentNews.objects.filter(incident=incident)
    last: datetime | None = rows.aggregate(latest=Max("written_at"))["latest"]
    heard = last or incident.decided_at or incident.started_at
    return heard if heard < _allowed_since(incident.municipality, now) else None


def _allowed_since(town: Municipality, now: datetime) -> datetime:
    offices = load_town(town.pk, since=now).offices.values()
    calendar = next(office.calendar for office in offices if office.is_dispatch)
    return working_days_before(now, town.interim_days, calendar)


def last_news(report: Report) -> datetime | None:
    """When the public last heard of a case; one query."""
    rows = TimelineEntry.objects.filter(_NEWS, report=report, is_public=True)
    found: datetime | None = rows.aggregate(latest=Max("at"))["latest"]
    return found


def awaiting_interim() -> Q:
    """The filter on reports for which somebody is to write an interim word."""
    newer = TimelineEntry.objects.filter(
        _NEWS, report=OuterRef("report_id"), is_public=True, at__gt=OuterRef("news_at")
    )
    tasks = Interim.objects.filter(~Exists(newer), by_itself=False)
    return Q(pk__in=tasks.values("report_id"))
