"""Post that came in by e-mail: what waits, what may be spam, and what to do with it."""

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.actions.settle_mail import MailSettled, file_to_case, sort_mail
from reports.inbox import IncomingMail, MailState
from reports.models import Report
from reports.policies import may_read_inbox
from reports.queries.inbox import count_by_state, open_file, waiting_mails
from staff_desk.access import DeskRequest, desk_page
from staff_desk.navigation import render_desk
from staff_desk.parameters import plain

_TABS = (MailState.NEW, MailState.SPAM, MailState.AUTOMATIC, MailState.REPORTED, MailState.FILED)
_EMPTY = gettext_lazy("Keine E-Mail wartet.")
_DONE = {
    MailState.NEW: gettext_lazy("Die E-Mail steht wieder bei den neuen."),
    MailState.SPAM: gettext_lazy("Die E-Mail liegt beim Spam und wird nach 30 Tagen gelöscht."),
    MailState.DISCARDED: gettext_lazy("Erledigt: kein Anliegen. Nach 30 Tagen wird sie gelöscht."),
}


@desk_page(needs=may_read_inbox)
def inbox(request: DeskRequest) -> HttpResponse:
    """One list, the oldest first, with how long each has waited."""
    staff = request.desk.staff
    wanted = request.GET.get("liste", "")
    state = MailState(wanted) if wanted in _TABS else MailState.NEW
    counts = count_by_state(staff)
    context: dict[str, Any] = {
        "rows": waiting_mails(staff, state),
        "state": state,
        "tabs": [(tab.value, tab.label, counts.get(tab.value)) for tab in _TABS],
        "empty_text": _EMPTY,
    }
    return render_desk(request, "staff_desk/inbox.html", context, current="inbox")


@desk_page("POST", needs=may_read_inbox)
def sort(request: DeskRequest, mail_id: int) -> HttpResponse:
    """Move a mail, or keep it as a note of a case."""
    try:
        words = _sorted(request, mail_id)
    except (IncomingMail.DoesNotExist, ValueError):
        raise Http404 from None
    except Report.DoesNotExist:
        messages.warning(request, _("Diesen Vorgang gibt es nicht."))
        response = redirect("staff_desk:entry")
        response["Location"] += f"?mail={mail_id}"
        return response
    except MailSettled:
        messages.warning(request, _("Jemand anderes hat die E-Mail schon erledigt."))
    else:
        messages.success(request, words)
    return redirect("staff_desk:inbox")


@desk_page(needs=may_read_inbox)
def attachment(request: DeskRequest, mail_id: int, ordinal: int) -> HttpResponse:
    """A file of a mail, to be saved and never to be opened by the browser itself."""
    try:
        found = open_file(request.desk.staff, mail_id, ordinal)
    except OSError:
        found = None
    if found is None:
        raise Http404
    file, content = found
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name)}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _sorted(request: DeskRequest, mail_id: int) -> str:
    staff, by, now = request.desk.staff, request.desk.user, timezone.now()
    if request.POST.get("was") == "file":
        number = plain(request.POST.get("number", ""))
        report = file_to_case(mail_id, number, staff=staff, by=by, now=now)
        return _("Als Notiz am Vorgang %(number)s.") % {"number": report.number}
    state = MailState(request.POST.get("was", ""))
    if state not in _DONE:
        raise ValueError(state)
    sort_mail(mail_id, state, staff=staff, by=by, now=now)
    return str(_DONE[state])
