"""Calls and letters that are owed to people who are not told by mail."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.towns import public_url
from reports import receipts
from reports.actions.publish import may_be_public
from reports.actions.settle_reply import Outcome, OutcomeUnfit, may_give_up, settle_reply
from reports.desk_entry import ReplyTask
from reports.policies import NotPermitted, may_enter
from reports.queries.entry import entered_report
from reports.queries.replies import OwedReply, owed_replies, owed_reply
from staff_desk.access import DeskRequest, desk_page
from staff_desk.entry_page import qr_code
from staff_desk.navigation import render_desk

_DONE = {
    Outcome.DONE: gettext_lazy("Vermerkt: erledigt."),
    Outcome.NOT_REACHED: gettext_lazy(
        "Vermerkt: nicht erreicht. Der Rückruf steht später wieder an."
    ),
    Outcome.GIVEN_UP: gettext_lazy("Vermerkt: aufgegeben."),
}


@desk_page(needs=may_enter)
def replies(request: DeskRequest) -> HttpResponse:
    """Whom to call and write to, what is due first on top."""
    rows = [_row(reply) for reply in owed_replies(request.desk.staff)]
    return render_desk(request, "staff_desk/replies.html", {"rows": rows}, current="replies")


@desk_page("POST", needs=may_enter)
def settle(request: DeskRequest, task_id: int) -> HttpResponse:
    """Note what came of a call or letter."""
    try:
        outcome = Outcome(request.POST.get("ausgang", ""))
        task = settle_reply(task_id, outcome=outcome, by=request.desk.user, now=timezone.now())
    except (ReplyTask.DoesNotExist, NotPermitted, ValueError):
        raise Http404 from None
    except OutcomeUnfit:
        messages.warning(request, _("Das geht bei dieser Antwort nicht."))
        return redirect("staff_desk:replies")
    messages.success(request, _DONE[outcome])
    own = entered_report(request.desk.staff, task.report.number, now=timezone.now())
    if own is not None and task.event == "report_received":
        return redirect("staff_desk:entered", task.report.number)
    return redirect("staff_desk:replies")


@desk_page(needs=may_enter)
def letter(request: DeskRequest, task_id: int) -> HttpResponse:
    """A letter to print: the state of the case and the newest public answer."""
    reply = owed_reply(request.desk.staff, task_id)
    if reply is None or reply.task.kind != ReplyTask.Kind.LETTER:
        raise Http404
    report, secret = reply.report, ""
    link = public_url(report.municipality, f"meldung/{report.number}/")
    if reply.task.caller is None:
        # The receipt belongs to the person who reported, to nobody who joined later.
        secret = receipts.secret_of(report)
        link = f"{link}zugang/?code={secret}"
    context = {
        "reply": reply,
        "report": report,
        "contact": reply.contact,
        "secret": secret,
        "qr": qr_code(link) if secret or may_be_public(report) else "",
        "receipt_page": public_url(report.municipality, "meine/"),
    }
    return render_desk(request, "staff_desk/letter.html", context, current="replies")


def _row(reply: OwedReply) -> dict[str, Any]:
    return {
        "task": reply.task,
        "report": reply.report,
        "contact": reply.contact,
        "answer": reply.answer,
        "is_late": reply.is_late(timezone.now()),
        "is_call": reply.task.kind == ReplyTask.Kind.CALL,
        "may_give_up": may_give_up(reply.task),
    }
