"""What can be done with a case from its page: one row per verb, from form to action.

The verb is the last word of the address: /desk/vorgang/HN-2026-004711/abschliessen/. Whether a
verb is offered is decided here for drawing the page; the action itself checks again.
"""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from reports.actions.alert import acknowledge
from reports.actions.answer import answer
from reports.actions.assign import assign, take, unassign
from reports.actions.change_status import change_status
from reports.actions.confidential import lift_confidential, mark_confidential
from reports.actions.file_case import file_by_hand
from reports.actions.first_look import end_first_look
from reports.actions.hand_over import accept, offer, return_offer, withdraw_offer
from reports.actions.hold import lift_hold, set_hold
from reports.actions.make_safe import make_safe
from reports.actions.mark_read import mark_read
from reports.actions.note import add_note
from reports.actions.overrule_objection import overrule_objection
from reports.actions.recategorise import recategorise
from reports.actions.repair import repair
from reports.actions.reroute import reroute
from reports.actions.restrict import lift_restriction, restrict
from reports.actions.screen import screen
from reports.lifecycle import ClosingReason, Status
from reports.models import Screening
from reports.policies import NotPermitted
from reports.queries.desk_case import CaseFile
from staff_desk import forms
from staff_desk.forms import CaseForm
from staff_desk.link_verbs import LINK_VERBS
from staff_desk.outside_verbs import OUTSIDE_VERBS
from staff_desk.verb import Verb as Verb
from staff_desk.verb import Who as Who
from staff_desk.verb_shapes import acknowledges as _acknowledges
from staff_desk.verb_shapes import always as _always
from staff_desk.verb_shapes import can_move as _can_move
from staff_desk.verb_shapes import decides as _decides
from staff_desk.verb_shapes import is_offered as _is_offered
from staff_desk.verb_shapes import is_open as _is_open
from staff_desk.verb_shapes import moderates as _moderates
from staff_desk.verb_shapes import reroutes as _reroutes
from staff_desk.verb_shapes import screens as _screens
from staff_desk.verb_shapes import works as _works
from staff_desk.verb_shapes import works_frozen as _works_frozen


def _close(case: CaseFile, form: forms.CloseForm, who: Who) -> object:
    data = form.cleaned_data
    status, reason = forms.OUTCOMES[data["outcome"]]
    return change_status(
        case.report.pk,
        to=status,
        closing_reason=reason,
        answer=data["text"],
        planned_date=data["planned_date"],
        leading_number=data["leading_number"],
        **who,
    )


def _wait(case: CaseFile, form: forms.WaitForm, who: Who) -> object:
    data = form.cleaned_data
    return change_status(
        case.report.pk,
        to=Status.WAITING,
        waiting_for=data["waiting_for"],
        planned_date=data["planned_date"],
        answer=data["text"],
        **who,
    )


def _offer(case: CaseFile, form: forms.OfferForm, who: Who) -> object:
    return offer(
        case.report.pk,
        to_office=forms.chosen_office(case, form),
        reason=form.cleaned_data["reason"],
        confirmed_by_phone=form.cleaned_data.get("confirmed_by_phone", False),
        **who,
    )


def _acknowledge(case: CaseFile, form: CaseForm, who: Who) -> object:
    if not case.powers.acknowledge:
        raise NotPermitted
    return acknowledge(case.report.pk, by=who["by"], now=who["now"])


def _work_on(case: CaseFile, form: CaseForm, who: Who) -> object:
    return change_status(case.report.pk, to=Status.IN_PROGRESS, **who)


ENDINGS = frozenset(ClosingReason.values)
ALL_USES = ENDINGS | {"in_progress", "waiting", "interim", ""}

VERBS: dict[str, Verb] = LINK_VERBS | {
    **OUTSIDE_VERBS,
    "uebernehmen": Verb(
        forms.ConfirmForm,
        _("Vorgang übernehmen"),
        _("Übernehmen"),
        _("Sie bearbeiten diesen Vorgang."),
        _works,
        lambda case, user: case.report.is_open and case.report.assignee_id != user.pk,
        lambda case, form, who: take(case.report.pk, **who),
    ),
    "zuruecklegen": Verb(
        forms.ConfirmForm,
        _("Zurück in die Liste des Amts legen"),
        _("Zurücklegen"),
        _("Der Vorgang liegt wieder in der Liste des Amts."),
        _works,
        lambda case, user: case.report.is_open and case.report.assignee_id is not None,
        lambda case, form, who: unassign(case.report.pk, **who),
    ),
    "zuweisen": Verb(
        forms.AssignForm,
        _("Vorgang zuweisen"),
        _("Zuweisen"),
        _("Der Vorgang ist zugewiesen."),
        _works,
        _is_open,
        lambda case, form, who: assign(case.report.pk, to=form.chosen(), **who),
    ),
    "bearbeiten": Verb(
        forms.ConfirmForm,
        _("In Bearbeitung nehmen"),
        _("In Bearbeitung nehmen"),
        _("Der Vorgang ist in Bearbeitung; die meldende Person erfährt es."),
        _works,
        lambda case, user: case.report.is_open and _can_move(case, Status.IN_PROGRESS),
        _work_on,
    ),
    "warten": Verb(
        forms.WaitForm,
        _("Vorgang warten lassen"),
        _("Warten"),
        _("Der Vorgang wartet."),
        _works,
        lambda case, user: _can_move(case, Status.WAITING),
        _wait,
        modules=frozenset({"waiting"}),
    ),
    "abschliessen": Verb(
        forms.CloseForm,
        _("Vorgang abschließen"),
        _("Abschließen und Antwort senden"),
        _("Der Vorgang ist abgeschlossen."),
        _works,
        lambda case, user: _can_move(case, Status.DONE),
        _close,
        modules=ENDINGS,
    ),
    "wieder-oeffnen": Verb(
        forms.ReopenForm,
        _("Vorgang wieder aufnehmen"),
        _("Wieder aufnehmen"),
        _("Der Vorgang ist wieder in Bearbeitung."),
        _works,
        lambda case, user: (
            case.report.status in {Status.DONE, Status.REJECTED}
            and _can_move(case, Status.IN_PROGRESS)
        ),
        lambda case, form, who: change_status(
            case.report.pk, to=Status.IN_PROGRESS, answer=form.cleaned_data["text"], **who
        ),
        modules=frozenset({"in_progress"}),
        intro=_("Die alte Frist läuft weiter; die Wiederaufnahme wird gezählt."),
    ),
    "antworten": Verb(
        forms.AnswerForm,
        _("Öffentlich antworten"),
        _("Antwort senden"),
        _("Ihre Antwort ist veröffentlicht."),
        _works,
        lambda case, user: case.report.status not in {Status.WITHDRAWN, Status.ARCHIVED},
        lambda case, form, who: answer(case.report.pk, text=form.cleaned_data["text"], **who),
        modules=ALL_USES,
    ),
    "notiz": Verb(
        forms.NoteForm,
        _("Notiz schreiben"),
        _("Notiz speichern"),
        _("Die Notiz ist gespeichert."),
        _works,
        _always,
        lambda case, form, who: add_note(case.report.pk, text=form.cleaned_data["text"], **who),
    ),
    "abgeben": Verb(
        forms.OfferForm,
        _("An eine andere Stelle abgeben"),
        _("Abgabe anbieten"),
        _("Die Abgabe ist auf dem Weg."),
        _works,
        lambda case, user: case.report.is_open and case.offer is None,
        _offer,
        intro=_("Bis die andere Stelle annimmt, bleibt Ihr Amt zuständig."),
    ),
    "gelesen": Verb(
        forms.AcknowledgeForm,
        _("Als gelesen vermerken"),
        _("Gelesen"),
        _("Als gelesen vermerkt."),
        _works,
        lambda case, user: case.report.unread_since is not None,
        lambda case, form, who: mark_read(case.report.pk, by=who["by"]),
    ),
    "widerspruch-aufheben": Verb(
        forms.ObjectionForm,
        _("Widerspruch aufheben"),
        _("Aufheben"),
        _("Der Widerspruch ist aufgehoben; über die Freigabe wird neu entschieden."),
        _moderates,
        lambda case, user: bool(case.objections),
        lambda case, form, who: overrule_objection(
            case.report.pk,
            part=form.cleaned_data["part"],
            reason=form.cleaned_data["reason"],
            **who,
        ),
        intro=_("Öffentlich wird es erst nach neuer Freigabe. Die meldende Person sieht es."),
    ),
    "annehmen": Verb(
        forms.ConfirmForm,
        _("Abgabe annehmen"),
        _("Annehmen"),
        _("Ihr Amt ist jetzt zuständig."),
        _decides,
        _is_offered,
        lambda case, form, who: accept(case.report.pk, **who),
    ),
    "zurueckgeben": Verb(
        forms.ReasonForm,
        _("Abgabe zurückgeben"),
        _("Zurückgeben"),
        _("Die Abgabe ist zurückgegeben."),
        _decides,
        _is_offered,
        lambda case, form, who: return_offer(
            case.report.pk, reason=form.cleaned_data["reason"], **who
        ),
        intro=_("Die zweite Rückgabe bringt den Vorgang von selbst zur Dispositionsstelle."),
    ),
    "angebot-zuruecknehmen": Verb(
        forms.ConfirmForm,
        _("Angebot zurücknehmen"),
        _("Angebot zurücknehmen"),
        _("Das Angebot ist zurückgenommen."),
        _works,
        _is_offered,
        lambda case, form, who: withdraw_offer(case.report.pk, **who),
    ),
    "weiterleiten": Verb(
        forms.ConfirmForm,
        _("Nach Erstsichtung weiterleiten"),
        _("Weiterleiten"),
        _("Der Vorgang liegt beim zuständigen Amt."),
        _reroutes,
        lambda case, user: case.report.is_open and case.report.first_look_for_id is not None,
        lambda case, form, who: end_first_look(case.report.pk, **who),
    ),
    "zuordnen": Verb(
        forms.RerouteForm,
        _("Von Hand zuordnen"),
        _("Zuordnen"),
        _("Die Zuständigkeit ist geändert."),
        _reroutes,
        _always,
        lambda case, form, who: reroute(
            case.report.pk,
            to_office=forms.chosen_office(case, form),
            reason=form.cleaned_data["reason"],
            **who,
        ),
        intro=_("Das Amt wird sofort zuständig, ohne gefragt zu werden."),
    ),
    "anliegenart": Verb(
        forms.CategoryForm,
        _("Anliegenart ändern"),
        _("Ändern"),
        _("Die Anliegenart ist geändert."),
        _works,
        _is_open,
        lambda case, form, who: recategorise(
            case.report.pk,
            category=form.chosen(),
            follow_rules=form.cleaned_data.get("follow_rules", False),
            **who,
        ),
        intro=_("Die Fristen richten sich dann nach der neuen Anliegenart, ab dem Eingang."),
    ),
    "vertraulich": Verb(
        forms.ReasonForm,
        _("Als vertraulich kennzeichnen"),
        _("Kennzeichnen"),
        _("Der Vorgang ist vertraulich."),
        _moderates,
        lambda case, user: not case.report.is_confidential,
        lambda case, form, who: mark_confidential(
            case.report.pk, reason=form.cleaned_data["reason"], **who
        ),
        intro=_(
            "Nur noch das zuständige Amt und die Disposition sehen ihn; nichts ist öffentlich."
        ),
    ),
    "vertraulichkeit-aufheben": Verb(
        forms.ConfirmForm,
        _("Vertraulichkeit aufheben"),
        _("Aufheben"),
        _("Der Vorgang ist nicht mehr vertraulich."),
        _works,
        lambda case, user: case.report.is_confidential,
        lambda case, form, who: lift_confidential(case.report.pk, **who),
        intro=_("Veröffentlicht wird er erst nach neuer Freigabe."),
    ),
    "loeschsperre": Verb(
        forms.HoldForm,
        _("Löschsperre setzen"),
        _("Setzen"),
        _("Die Löschsperre ist gesetzt."),
        _works_frozen,
        _always,
        lambda case, form, who: set_hold(
            case.report.pk,
            until=form.cleaned_data["until"],
            reason=form.cleaned_data["reason"],
            **who,
        ),
    ),
    "loeschsperre-aufheben": Verb(
        forms.ConfirmForm,
        _("Löschsperre aufheben"),
        _("Aufheben"),
        _("Die Löschsperre ist aufgehoben."),
        _works_frozen,
        lambda case, user: case.report.hold_until is not None,
        lambda case, form, who: lift_hold(case.report.pk, **who),
    ),
    "eakte": Verb(
        forms.AcknowledgeForm,
        _("An die eAkte übergeben"),
        _("Übergeben"),
        _("Die Übergabe ist auf dem Weg. Wie es steht, zeigt die Liste der Übergaben."),
        _works,
        lambda case, user: not case.report.is_open and bool(settings.EFILE_TARGET),
        lambda case, form, who: file_by_hand(case.report.pk, by=who["by"], now=who["now"]),
        intro=_("Vorgang, Verlauf und Fotos gehen als xdomea-Paket an die eAkte."),
    ),
    "einschraenken": Verb(
        forms.ReasonForm,
        _("Verarbeitung einschränken"),
        _("Einschränken"),
        _("Der Vorgang ruht: nicht bearbeitet, nicht öffentlich, nicht gelöscht."),
        _works,
        lambda case, user: case.report.restricted_at is None,
        lambda case, form, who: restrict(case.report.pk, reason=form.cleaned_data["reason"], **who),
        intro=_("Für Anträge nach Art. 18 DSGVO. Der Vorgang bleibt, wie er ist, und ruht."),
    ),
    "einschraenkung-aufheben": Verb(
        forms.ConfirmForm,
        _("Einschränkung aufheben"),
        _("Aufheben"),
        _("Der Vorgang geht weiter; veröffentlicht wird er erst nach neuer Freigabe."),
        _works_frozen,
        lambda case, user: case.report.restricted_at is not None,
        lambda case, form, who: lift_restriction(case.report.pk, **who),
    ),
    "quittieren": Verb(
        forms.AcknowledgeForm,
        _("Gefahr quittieren"),
        _("Ich kümmere mich"),
        _("Quittiert. Die Alarmierung ist beendet."),
        _acknowledges,
        lambda case, user: (
            case.report.is_open
            and case.report.is_danger
            and case.report.danger_acknowledged_at is None
        ),
        _acknowledge,
    ),
    "gesichert": Verb(
        forms.ConfirmForm,
        _("Gefahrenstelle gesichert"),
        _("Stelle ist gesichert"),
        _("Vermerkt: Die Stelle ist gesichert."),
        _acknowledges,
        lambda case, user: (
            case.report.is_open and case.report.is_danger and case.report.made_safe_at is None
        ),
        lambda case, form, who: make_safe(case.report.pk, **who),
    ),
    "behoben": Verb(
        forms.ConfirmForm,
        _("Gefahrenstelle behoben"),
        _("Stelle ist behoben"),
        _("Vermerkt: Die Stelle ist behoben."),
        _acknowledges,
        lambda case, user: (
            case.report.is_open and case.report.is_danger and case.report.repaired_at is None
        ),
        lambda case, form, who: repair(case.report.pk, **who),
    ),
    "pruefung-freigeben": Verb(
        forms.ConfirmForm,
        _("Zurückgehaltene Meldung freigeben"),
        _("Unauffällig, freigeben"),
        _("Die Meldung geht ihren üblichen Weg."),
        _screens,
        lambda case, user: case.report.screening != Screening.CLEAR,
        lambda case, form, who: screen(case.report.pk, verdict=Screening.CLEAR, **who),
    ),
    "spam": Verb(
        forms.ConfirmForm,
        _("Als Spam kennzeichnen"),
        _("Als Spam kennzeichnen"),
        _("Als Spam gekennzeichnet: weder öffentlich noch beantwortet."),
        _screens,
        lambda case, user: case.report.screening != Screening.SPAM,
        lambda case, form, who: screen(case.report.pk, verdict=Screening.SPAM, **who),
    ),
}
