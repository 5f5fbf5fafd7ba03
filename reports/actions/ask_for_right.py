"""Ask for one's own data to be corrected, erased or frozen, with the receipt of a report."""

from datetime import date, datetime, timedelta

from django.db import transaction

from reports.actors import CITIZEN
from reports.additions import bound
from reports.editing import TEXT_LIMIT, TextTooLong, save_case
from reports.history import record, write_remark
from reports.messages import tell_about_right, tell_office_news
from reports.models import Remark, Report
from reports.rights import RequestState, Right, RightsRequest

# "Within one month of receipt" (Article 12 (3) GDPR): counted in days it is never later.
ANSWER_WITHIN = timedelta(days=30)


class AskedAlready(Exception):
    """The same request is open; `due_on` says until when it is answered."""

    def __init__(self, due_on: date) -> None:
        super().__init__(due_on.isoformat())
        self.due_on = due_on


def ask_for_right(report_id: int, *, right: Right, text: str, now: datetime) -> RightsRequest:
    """Write the request down with its deadline, tell the office, confirm it by mail.

    Raises AskedAlready, TextTooLong, TooManyAdditions.
    """
    why = text.strip()
    if len(why) > TEXT_LIMIT:
        raise TextTooLong
    bound(report_id)
    with transaction.atomic():
        report = _locked(report_id)
        asked = RightsRequest.objects.filter(report=report, right=right, state=RequestState.OPEN)
        earlier = asked.first()
        if earlier is not None:
            raise AskedAlready(earlier.due_on)
        remark = write_remark(report, Remark.Kind.CITIZEN, why) if why else None
        request = RightsRequest.objects.create(
            report=report,
            right=right,
            remark_id=remark.pk if remark else None,
            received_at=now,
            due_on=(now + ANSWER_WITHIN).astimezone(report.municipality.tz).date(),
        )
        _tell(report, request, remark, now)
    return request


def _tell(report: Report, request: RightsRequest, remark: Remark | None, now: datetime) -> None:
    is_first = report.unread_since is None
    report.unread_since = report.unread_since or now
    save_case(report, "unread_since", now=now)
    record(
        report,
        "right_requested",
        by=CITIZEN,
        public=True,
        remark=remark,
        at=now,
        version=report.version,
        right=request.right,
    )
    if is_first:
        tell_office_news(report, news="rights")
    tell_about_right(report, request, event="rights_received")


def _locked(report_id: int) -> Report:
    return (
        Report.objects.select_for_update(no_key=True, of=("self",))
        .select_related("municipality", "category", "office")
        .defer("municipality__coverage", "municipality__pages")
        .get(pk=report_id, anonymised_at__isnull=True)
    )
