"""Verbs by which a case, or work on it, leaves the town hall: pass on, give to a firm."""

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from reports.actions.delegate import Errand, check_off, delegate, revoke
from reports.actions.pass_on import Parcel, pass_on
from reports.delegating import DelegationState
from reports.lifecycle import ClosingReason
from reports.queries.desk_case import CaseFile
from staff_desk import forms, outside_forms
from staff_desk.verb import Verb, Who
from staff_desk.verb_shapes import is_open, works


def _pass_on(case: CaseFile, form: outside_forms.PassOnForm, who: Who) -> object:
    data = form.cleaned_data
    parcel = Parcel(
        body_id=int(data["body"]),
        letter=data["letter"],
        follow_up_on=data["follow_up_on"],
        photos=[int(ordinal) for ordinal in data.get("photos", [])],
        with_contact=data.get("with_contact", False),
    )
    return pass_on(
        case.report.pk,
        parcel=parcel,
        closes=data["ends"] == outside_forms.CLOSES,
        answer=data["text"],
        **who,
    )


def _delegate(case: CaseFile, form: outside_forms.DelegateForm, who: Who) -> object:
    data = form.cleaned_data
    errand = Errand(
        firm_id=int(data["firm"]),
        instructions=data["instructions"],
        until=form.deadline(),
        photos=[int(ordinal) for ordinal in data.get("photos", [])],
    )
    return delegate(case.report.pk, errand=errand, **who)


def _is_delegated(case: CaseFile, user: User) -> bool:
    return any(delegation.is_open for delegation in case.delegations)


def _is_reported_done(case: CaseFile, user: User) -> bool:
    return any(each.state == DelegationState.DONE for each in case.delegations)


OUTSIDE_VERBS: dict[str, Verb] = {
    "weitergeben": Verb(
        outside_forms.PassOnForm,
        _("Nicht unsere Zuständigkeit: weitergeben"),
        _("Weitergeben"),
        _("Der Vorgang ist weitergegeben und steht in der Wiedervorlage."),
        works,
        is_open,
        _pass_on,
        modules=frozenset({ClosingReason.FORWARDED.value}),
        intro=_(
            "An eine Stelle außerhalb der Verwaltung. Name und Kontakt der meldenden Person gehen "
            "nur mit, wenn sie für diese Stelle eingewilligt hat."
        ),
    ),
    "beauftragen": Verb(
        outside_forms.DelegateForm,
        _("Firma oder Trupp beauftragen"),
        _("Beauftragen"),
        _("Die Beauftragung ist auf dem Weg."),
        works,
        lambda case, user: case.report.is_open and not _is_delegated(case, user),
        _delegate,
        intro=_(
            "Die Firma bekommt einen Link und sieht nie, wer gemeldet hat. "
            "Zuständig bleibt Ihr Amt."
        ),
    ),
    "beauftragung-zuruecknehmen": Verb(
        forms.ConfirmForm,
        _("Beauftragung zurücknehmen"),
        _("Zurücknehmen"),
        _("Die Beauftragung ist zurückgenommen; der Link gilt nicht mehr."),
        works,
        _is_delegated,
        lambda case, form, who: revoke(case.report.pk, **who),
    ),
    "beauftragung-abnehmen": Verb(
        forms.ConfirmForm,
        _("Arbeit abnehmen"),
        _("Abnehmen"),
        _("Die Arbeit ist abgenommen. Schließen Sie den Vorgang, wenn nichts mehr fehlt."),
        works,
        _is_reported_done,
        lambda case, form, who: check_off(case.report.pk, **who),
    ),
}
