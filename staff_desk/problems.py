"""Why an action refused, in words beside the field that is meant."""

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from reports.actions.alert import NotDangerous
from reports.actions.assign import CaseIsClosed, NotInOffice, PersonIsAway
from reports.actions.change_status import (
    DangerNeedsDanger,
    LeadingCaseInvalid,
    WaitingIncomplete,
)
from reports.actions.delegate import (
    DeadlineInvalid,
    DelegationOpen,
    FirmUnsuitable,
    NoDelegation,
)
from reports.actions.file_case import CaseStillOpen
from reports.actions.first_look import NoFirstLook
from reports.actions.hand_over import NoOpenOffer, OfferOpen, OfficeUnsuitable, PhoneCallMissing
from reports.actions.hold import HoldDateInvalid
from reports.actions.moderate import NeverPublic, ObjectionStands, PhotoNotReady
from reports.actions.overrule_objection import NoObjection
from reports.actions.pass_on import (
    BodyUnsuitable,
    ConsentMissing,
    FollowUpInvalid,
    PhotoUnsuitable,
)
from reports.actions.recategorise import CategoryUnsuitable
from reports.actions.run_incident import NotInIncident
from reports.actions.unlink import NotLinked
from reports.danger_first import DangerNotSafe
from reports.editing import TextMissing, TextTooLong
from reports.lifecycle import ClosingIncomplete, MoveNotAllowed
from reports.masks import MasksInvalid
from reports.personal_data import PersonalDataFound

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# Exceptions that name their field themselves say which words belong to it.
_FIELDS = {"answer": "text", "note": "text", "closing_reason": "outcome"}
_WORDS: dict[type[Exception], tuple[str | None, "StrPromise"]] = {
    ClosingIncomplete: (
        None,
        _("Ein Abschluss braucht eine öffentliche Antwort, einen Grund, „geplant“ ein Datum."),
    ),
    WaitingIncomplete: (None, _("Bitte einen Tag ab heute angeben.")),
    TextMissing: (None, _("Bitte ausfüllen.")),
    TextTooLong: (None, _("Bitte auf 4000 Zeichen kürzen.")),
    LeadingCaseInvalid: (
        "leading_number",
        _("Diesen Vorgang gibt es nicht, er ist zurückgezogen, oder dieser hier führt ihn schon."),
    ),
    DangerNeedsDanger: (
        "leading_number",
        _("Eine ungesicherte Gefahr kann nur einer Gefahrenmeldung zugeordnet werden."),
    ),
    NotInIncident: (None, _("Der Vorgang gehört zu keinem laufenden Ereignis.")),
    NotLinked: (None, _("Der Vorgang ist keine Dublette mehr.")),
    MoveNotAllowed: (None, _("Dieser Schritt ist beim jetzigen Stand nicht möglich.")),
    OfferOpen: (None, _("Der Vorgang ist schon angeboten. Nehmen Sie das Angebot erst zurück.")),
    NoOpenOffer: (None, _("Das Angebot besteht nicht mehr.")),
    NoFirstLook: (None, _("Der Vorgang wartet auf keine Erstsichtung mehr.")),
    OfficeUnsuitable: ("to_office", _("An diese Stelle kann der Vorgang nicht gehen.")),
    PhoneCallMissing: (
        "confirmed_by_phone",
        _("Eine Gefahrenmeldung bitte erst am Telefon übergeben und hier bestätigen."),
    ),
    CaseStillOpen: (None, _("Übergeben wird ein Vorgang erst, wenn er abgeschlossen ist.")),
    DangerNotSafe: (
        None,
        _(
            "Erst die Gefahr: Die Stelle muss gesichert und hier als gesichert vermerkt sein. Dann "
            "kann der Vorgang weitergegeben werden."
        ),
    ),
    BodyUnsuitable: ("body", _("An diese Stelle kann der Vorgang nicht gehen.")),
    ConsentMissing: (
        "with_contact",
        _("Für diese Stelle liegt keine Einwilligung vor. Name und Kontakt bleiben hier."),
    ),
    PhotoUnsuitable: ("photos", _("Dieses Foto ist noch nicht aufbereitet.")),
    FollowUpInvalid: ("follow_up_on", _("Bitte einen Tag nach heute angeben.")),
    FirmUnsuitable: ("firm", _("Diese Firma kann nicht beauftragt werden.")),
    DelegationOpen: (
        None,
        _("Der Vorgang ist schon bei einer Firma. Nehmen Sie das erst zurück oder ab."),
    ),
    NoDelegation: (None, _("Diese Beauftragung besteht nicht mehr.")),
    DeadlineInvalid: ("until", _("Bitte einen Tag nach heute angeben.")),
    CaseIsClosed: (None, _("Der Vorgang ist abgeschlossen.")),
    NotInOffice: ("person", _("Diese Person arbeitet nicht im zuständigen Amt.")),
    PersonIsAway: (
        "person",
        _("Diese Person ist abwesend. Der Vorgang bleibt in der Liste des Amts."),
    ),
    CategoryUnsuitable: ("category", _("Diese Anliegenart passt nicht.")),
    HoldDateInvalid: ("until", _("Bitte einen Tag nach heute angeben.")),
    NotDangerous: (None, _("Dies ist keine offene Gefahrenmeldung.")),
    NeverPublic: (None, _("Das ist bei dieser Anliegenart nie öffentlich.")),
    PhotoNotReady: (None, _("Das Foto wird noch aufbereitet.")),
    ObjectionStands: (
        None,
        _("Die meldende Person widerspricht. Heben Sie den Widerspruch erst mit Begründung auf."),
    ),
    PersonalDataFound: (
        "public_text",
        _("Der Text enthält noch personenbezogene Angaben."),
    ),
    NoObjection: ("part", _("Dieser Widerspruch besteht nicht mehr.")),
    MasksInvalid: (
        None,
        _("Bitte geben Sie bei jeder Maske vier Zahlen in Prozent an; sie muss im Bild liegen."),
    ),
}
PROBLEMS = tuple(_WORDS)


def explain(form: forms.Form, problem: Exception) -> None:
    """Put an action's refusal into a form, beside its field where the form has it."""
    field, words = _WORDS[type(problem)]
    named = getattr(problem, "field", None)
    field = _FIELDS.get(named, named) if named else field
    form.add_error(field if field in form.fields else None, words)


def words_for(problem: Exception) -> "StrPromise":
    """The same for a page without a form."""
    return _WORDS[type(problem)][1]
