"""What is held back and waits for a look: waves first seen as waves, the rest one by one."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Min, Q

from accounts.models import Municipality
from reports.abuse import Suspicion
from reports.held_waves import ORDER, By, WaveKey
from reports.models import Photo, Report, Screening, Submission
from reports.policies import Staff, moderated_by, visible_cases
from reports.screening import Reason

# From so many alike on they are offered as a wave.
WAVE = 3
SINGLES_AT_ONCE = 30
WAVES_AT_ONCE = 10
SAMPLES = 3


@dataclass(frozen=True)
class Held:
    """One report that waits, with the reasons in words; `is_late`: longer than the town allows."""

    report: Report
    reasons: Sequence[str]
    held_at: datetime
    is_late: bool
    text: str
    address: str
    photo_count: int


@dataclass(frozen=True)
class Wave:
    """Reports that are alike, with some of them to look at."""

    key: WaveKey
    count: int
    reasons: Sequence[str]
    first_at: datetime
    last_at: datetime
    is_late: bool
    samples: Sequence[Held]


@dataclass(frozen=True)
class Review:
    """The list of what is held back: how many wait, how many for too long, and what to do first."""

    waiting: int
    late: int
    dangers: Sequence[Held]
    waves: Sequence[Wave]
    singles: Sequence[Held]


@dataclass(frozen=True)
class _Row:
    report_id: int
    is_danger: bool
    reasons: Sequence[str]
    held_at: datetime
    keys: Mapping[By, str]


def review(staff: Staff, town: Municipality, *, now: datetime) -> Review:
    """Everything that waits for this person, dangers first, then the oldest. Four queries.

    A wave of thousands costs one light row each.
    """
    rows = _waiting(staff)
    late_before = now - timedelta(hours=town.held_hours)
    grouped = _grouped(rows)
    in_waves = {row.report_id for members in grouped.values() for row in members}
    singles = [row for row in rows if row.report_id not in in_waves][:SINGLES_AT_ONCE]
    shown = dict(list(grouped.items())[:WAVES_AT_ONCE])
    wanted = [*singles, *(row for members in shown.values() for row in members[:SAMPLES])]
    held = _loaded(wanted, late_before)
    return Review(
        waiting=len(rows),
        late=sum(row.held_at < late_before for row in rows),
        waves=[_wave(key, members, held, late_before) for key, members in shown.items()],
        dangers=[held[row.report_id] for row in singles if row.is_danger],
        singles=[held[row.report_id] for row in singles if not row.is_danger],
    )


def _waiting(staff: Staff) -> list[_Row]:
    mine = Report.objects.filter(
        visible_cases(staff), moderated_by(staff), screening=Screening.HELD
    )
    rows = (
        Suspicion.objects.filter(
            municipality_id=staff.municipality_id, decided_at__isnull=True, report__in=mine
        )
        .order_by("-report__is_danger", "held_at", "report_id")
        .values_list(
            "report_id",
            "report__is_danger",
            "reasons",
            "held_at",
            "text_key",
            "peer_key",
            "cell_key",
        )
    )
    return [
        _Row(pk, danger, reasons, held_at, {"text": text, "peer": peer, "cell": cell})
        for pk, danger, reasons, held_at, text, peer, cell in rows
    ]


def _grouped(rows: Sequence[_Row]) -> dict[WaveKey, list[_Row]]:
    """Waves, the largest first; a report belongs to one, by text before sender before place."""
    groups: dict[WaveKey, list[_Row]] = {}
    left = list(rows)
    for by in ORDER:
        alike: dict[WaveKey, list[_Row]] = defaultdict(list)
        for row in left:
            if row.keys[by]:
                alike[WaveKey(by, row.keys[by], row.is_danger)].append(row)
        found = {key: members for key, members in alike.items() if len(members) >= WAVE}
        groups |= found
        taken = {row.report_id for members in found.values() for row in members}
        left = [row for row in left if row.report_id not in taken]
    return dict(sorted(groups.items(), key=lambda group: (-group[0].is_danger, -len(group[1]))))


def _wave(
    key: WaveKey, members: Sequence[_Row], held: Mapping[int, Held], late_before: datetime
) -> Wave:
    reasons = Counter(reason for row in members for reason in row.reasons)
    times = [row.held_at for row in members]
    return Wave(
        key=key,
        count=len(members),
        reasons=[_in_words(reason) for reason, _count in reasons.most_common(3)],
        first_at=min(times),
        last_at=max(times),
        is_late=min(times) < late_before,
        samples=[held[row.report_id] for row in members[:SAMPLES]],
    )


def _loaded(rows: Sequence[_Row], late_before: datetime) -> dict[int, Held]:
    ids = [row.report_id for row in rows]
    reports = (
        Report.objects.filter(pk__in=ids)
        .select_related("category__parent", "district", "office")
        .defer("district__geometry")
        .in_bulk()
    )
    written = Submission.objects.filter(pk__in=ids).in_bulk()
    photos = dict(
        Photo.objects.filter(report__in=ids)
        .values_list("report_id")
        .annotate(count=Count("pk"))
        .values_list("report_id", "count")
    )
    return {
        row.report_id: Held(
            report=reports[row.report_id],
            reasons=[_in_words(reason) for reason in row.reasons],
            held_at=row.held_at,
            is_late=row.held_at < late_before,
            text=written[row.report_id].description,
            address=written[row.report_id].address,
            photo_count=photos.get(row.report_id, 0),
        )
        for row in rows
    }


def _in_words(reason: str) -> str:
    return str(Reason(reason).label) if reason in Reason.values else reason


@dataclass(frozen=True)
class Overdue:
    """A town in which something is held back: how many wait, how many for too long."""

    municipality_id: int
    waiting: int
    late: int
    oldest: datetime


def held_by_town(*, now: datetime) -> list[Overdue]:
    """What is held back in every town, for alarms and health pages. One query."""
    late = Q(held_at__lt=now - F("municipality__held_hours") * timedelta(hours=1))
    rows = (
        Suspicion.objects.filter(decided_at__isnull=True, report__screening=Screening.HELD)
        .values("municipality_id")
        .annotate(waiting=Count("pk"), late=Count("pk", filter=late), oldest=Min("held_at"))
        .order_by("municipality_id")
    )
    return [Overdue(**row) for row in rows]
