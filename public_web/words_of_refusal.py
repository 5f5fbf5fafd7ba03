"""Why something that was done with a receipt could not be accepted, for the person who did it."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reports.actions.add_photos import PhotosInvalid
from reports.actions.answer_question import AlreadyAnswered, NoOpenQuestion
from reports.actions.give_feedback import FeedbackClosed, FeedbackGiven
from reports.actions.support import AddressInvalid, SupportClosed, TooManySupports
from reports.additions import ClosedToCitizens, TooManyAdditions
from reports.editing import TextMissing, TextTooLong
from reports.idempotency import KeyReused

_CLOSED: dict[str, Promise | str] = {
    "withdrawn": _("Diese Meldung ist zurückgezogen; es kann nichts mehr hinzukommen."),
    "archived": _("Diese Meldung ist abgelegt; es kann nichts mehr hinzukommen."),
    "refused": _("Zu dieser Meldung nehmen wir nichts mehr an."),
    "closed": _("Diese Meldung ist abgeschlossen; Fotos sind nicht mehr möglich."),
}
_PHOTOS: dict[str, Promise | str] = {
    "too_many_photos": _("Das sind mehr Fotos, als diese Meldung noch aufnimmt."),
    "not_replaceable": _("Dieses Foto ist schon ersetzt oder braucht keinen Ersatz."),
    "no_photo": _("Bitte wählen Sie ein Foto aus."),
}
_WORDS: dict[type[Exception], Promise | str] = {
    TextMissing: _("Bitte schreiben Sie etwas."),
    TextTooLong: _("Bitte kürzen Sie den Text auf 4000 Zeichen."),
    TooManyAdditions: _("Das war sehr viel auf einmal. Bitte versuchen Sie es in einer Stunde."),
    TooManySupports: _("Von Ihrem Anschluss kam das zu oft. Bitte versuchen Sie es später."),
    NoOpenQuestion: _("Diese Frage hat sich erledigt. Ihre Worte können Sie als Nachricht senden."),
    AlreadyAnswered: _(
        "Diese Frage ist schon beantwortet. Was noch fehlt, senden Sie bitte als Nachricht."
    ),
    FeedbackClosed: _("Zu dieser Meldung fragen wir nicht oder nicht mehr."),
    FeedbackGiven: _(
        "Diese Frage haben Sie schon beantwortet. Was noch fehlt, senden Sie bitte als Nachricht."
    ),
    SupportClosed: _("Bei dieser Meldung zählen wir nicht oder nicht mehr mit."),
    AddressInvalid: _("Bitte prüfen Sie die E-Mail-Adresse."),
    KeyReused: _("Dieses Formular ist schon gesendet. Bitte senden Sie es noch einmal ab."),
}
REFUSALS: tuple[type[Exception], ...] = (ClosedToCitizens, PhotosInvalid, *_WORDS)


def words_for(refusal: Exception) -> str:
    """One sentence for one of REFUSALS."""
    if isinstance(refusal, ClosedToCitizens):
        return str(_CLOSED[refusal.why])
    if isinstance(refusal, PhotosInvalid):
        named = " ".join(photo.message for photo in refusal.refused)
        return named or str(_PHOTOS[refusal.code])
    return str(_WORDS[type(refusal)])
