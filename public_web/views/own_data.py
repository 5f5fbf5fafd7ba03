"""One's own data: a copy, and requests to correct, erase or freeze them; with the receipt."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import limits
from accounts.peers import peer_network
from public_web.receipt_forms import CopyForm, RightForm
from public_web.views.receipt import SECRET_TRIES, held_or_404
from public_web.words_of_refusal import REFUSALS, words_for
from reports import receipts
from reports.actions.ask_for_right import AskedAlready, ask_for_right
from reports.models import Report
from reports.person_export import export_report
from reports.rights import Right


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own_data(request: HttpRequest, number: str) -> HttpResponseBase:
    """GET explains; POST with the secret gives the copy, POST with a right asks for it."""
    report = held_or_404(request, number)
    wants_copy = request.POST.get("was") == "kopie"
    posted = request.POST if request.method == "POST" else None
    copy = CopyForm(posted if wants_copy else None)
    asking = RightForm(None if wants_copy else posted)
    answer = None
    if copy.is_bound and copy.is_valid():
        answer = _copy(request, report, copy)
    elif asking.is_bound and asking.is_valid():
        answer = _ask(request, report, asking)
    return answer or _page(request, report, copy, asking)


def _copy(request: HttpRequest, report: Report, form: CopyForm) -> HttpResponseBase | None:
    if not limits.count_attempt("copy", peer_network(request), **SECRET_TRIES).allowed:
        form.add_error(None, _("Zu viele Versuche. Bitte warten Sie eine Stunde."))
    elif not receipts.opens(report, form.cleaned_data["secret"]):
        form.add_error("secret", _("Das ist nicht der Zugangscode dieser Meldung."))
    else:
        name = f"{report.number}.zip"
        file = export_report(report, now=timezone.now())
        return FileResponse(file, as_attachment=True, filename=name)
    return None


def _ask(request: HttpRequest, report: Report, form: RightForm) -> HttpResponse | None:
    data, now = form.cleaned_data, timezone.now()
    try:
        asked = ask_for_right(report.pk, right=Right(data["right"]), text=data["text"], now=now)
    except AskedAlready as earlier:
        until = date_format(earlier.due_on, "d.m.Y")
        form.add_error(
            "right", _("Das haben Sie schon beantragt. Antwort bis %(day)s.") % {"day": until}
        )
        return None
    except REFUSALS as refusal:
        form.add_error(None, words_for(refusal))
        return None
    until = date_format(asked.due_on, "d.m.Y")
    messages.success(
        request, _("Ihr Antrag ist eingegangen. Antwort bis %(day)s.") % {"day": until}
    )
    return redirect("public_web:receipt", number=report.number)


def _page(request: HttpRequest, report: Report, copy: CopyForm, asking: RightForm) -> HttpResponse:
    refused = copy if copy.errors else asking
    context: dict[str, Any] = {
        "number": report.number,
        "copy": copy,
        "asking": asking,
        "form": refused,
    }
    status = 422 if refused.errors else 200
    return render(request, "public_web/own_data.html", context, status=status)
