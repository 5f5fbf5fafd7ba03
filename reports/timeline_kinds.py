"""What can happen to a case. Every kind that is recorded has its name here."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

KINDS: dict[str, "StrPromise"] = {
    "received": _("Meldung eingegangen"),
    "routed": _("Zuständigkeit festgestellt"),
    "rerouted": _("Zuständigkeit gewechselt"),
    "reroute_explained": _("von Hand zugeordnet"),
    "taken_over": _("aus einem früheren System übernommen"),
    "recategorised": _("Anliegenart geändert"),
    "status_changed": _("Stand geändert"),
    "reopened": _("wieder aufgenommen"),
    "answered": _("öffentlich geantwortet"),
    "withdrawn": _("von der meldenden Person zurückgezogen"),
    "noted": _("interne Notiz"),
    "assigned": _("zugewiesen"),
    "unassigned": _("Zuweisung aufgehoben"),
    "handover_offered": _("zur Abgabe angeboten"),
    "handover_accepted": _("Abgabe angenommen"),
    "handover_returned": _("Abgabe zurückgegeben"),
    "handover_withdrawn": _("Angebot zurückgenommen"),
    "handover_expired": _("Angebot nicht rechtzeitig beantwortet"),
    "brought_to_dispatch": _("an die Dispositionsstelle gegeben"),
    "danger_named": _("Gefahr genannt"),
    "restricted": _("nur für die zuständige Stelle: wird hier nicht angeboten"),
    "danger_alerted": _("Bereitschaft alarmiert"),
    "danger_acknowledged": _("Gefahr quittiert"),
    "danger_escalated": _("Leitstelle verständigt: niemand hat quittiert"),
    "made_safe": _("Gefahrenstelle gesichert"),
    "moderated": _("über Veröffentlichung entschieden"),
    "screened": _("Prüfung der zurückgehaltenen Meldung"),
    "marked_confidential": _("als vertraulich gekennzeichnet"),
    "confidential_lifted": _("Vertraulichkeit aufgehoben"),
    "hold_set": _("Löschsperre gesetzt"),
    "hold_lifted": _("Löschsperre aufgehoben"),
    "address_confirmed": _("E-Mail-Adresse bestätigt"),
    "photo_ready": _("Foto aufbereitet"),
    "photo_failed": _("Foto nicht lesbar"),
    "entry_taken_back": _("Aufnahme zurückgenommen"),
    "called_back": _("Rückruf"),
    "letter_sent": _("Brief"),
    "secret_renewed": _("Zugangscode erneuert"),
    "message_resent": _("Nachricht erneut gesendet"),
    "citizen_wrote": _("Nachricht der meldenden Person"),
    "question_answered": _("Rückfrage beantwortet"),
    "photo_added": _("Foto ergänzt"),
    "objected": _("Widerspruch gegen die Veröffentlichung"),
    "objection_overruled": _("trotz Widerspruch freigegeben"),
    "feedback_given": _("Rückmeldung „Stimmt das?“"),
}
