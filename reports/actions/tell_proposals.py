"""Tell dispatchers of rules that corrections propose: new ones only, at most once a week."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import Municipality, Office, Role, User
from leases.models import Lane
from notifications.outbox import Letter
from reports.queries.rule_proposals import Proposal, rule_proposals
from reports.rule_proposals import ProposalTold
from reports.staff_mail import queue_or_log

EVENT = "rule_proposals"
EVERY = timedelta(days=7)
_LOCK = 7_104_211  # any number no other advisory lock uses


def tell_proposals(*, now: datetime) -> int:
    """Mail each town's dispatchers what is new since they were last told; returns how many towns.

    Safe to run at any time and by many at once.
    """
    towns = Municipality.objects.order_by("pk").values_list("pk", flat=True)
    return sum(_tell(pk, now) for pk in towns)


def _tell(municipality_id: int, now: datetime) -> bool:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, municipality_id])
        told = ProposalTold.objects.filter(municipality_id=municipality_id)
        last = told.aggregate(last=Max("told_at"))["last"]
        if last is not None and last > now - EVERY:
            return False
        known = set(told.values_list("category_id", "district_id", "office_id"))
        new = [each for each in rule_proposals(municipality_id, now=now) if each.key not in known]
        if not new:
            return False
        ProposalTold.objects.bulk_create(
            ProposalTold(
                municipality_id=municipality_id,
                category=each.category,
                district=each.district,
                office=each.office,
                told_at=now,
            )
            for each in new
        )
        _mail(municipality_id, new, now)
    return True


def _mail(municipality_id: int, new: Sequence[Proposal], now: datetime) -> None:
    page = f"{settings.BASE_URL}/desk/regelvorschlaege/"
    with override("de"):
        words = "\n".join(_sentence(each, page) for each in new)
    for recipient in _recipients(municipality_id):
        queue_or_log(
            Letter(
                municipality_id=municipality_id,
                key=f"proposals:{municipality_id}:{int(now.timestamp())}:{recipient}",
                event=EVENT,
                recipient=recipient,
                context={"count": len(new), "proposals": words, "desk_link": page},
                lane=Lane.STAFF,
            )
        )


def _sentence(proposal: Proposal, page: str) -> str:
    sentence = _("%(n)s von %(all)s: %(kind)s in %(district)s ging an %(office)s") % {
        "n": proposal.went_there,
        "all": proposal.of_all,
        "kind": proposal.category.name,
        "district": proposal.district.name,
        "office": proposal.office.label,
    }
    return f"{sentence}\n{page}#{proposal.anchor}"


def _recipients(municipality_id: int) -> list[str]:
    """The dispatchers; where there are none, the mailbox of the dispatch office."""
    people = User.objects.filter(
        roles__role=Role.DISPATCHER, roles__municipality_id=municipality_id, is_active=True
    )
    found = sorted(set(people.values_list("email", flat=True)))
    if found:
        return found
    return [Office.objects.get(municipality_id=municipality_id, is_dispatch=True).email]
