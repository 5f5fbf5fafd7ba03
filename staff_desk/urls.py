"""Addresses of the desk. `desk_path` refuses a view that does not say who may open it."""

from staff_desk.access import desk_path
from staff_desk.views import (
    account,
    case,
    entry,
    held,
    inbox,
    login,
    masks,
    moderation,
    photos,
    queue,
    replies,
    retention,
    suggestions,
)

app_name = "staff_desk"
urlpatterns = [
    desk_path("", queue.queue, "queue"),
    desk_path("suche/", queue.search, "search"),
    desk_path("abgaben/", queue.offers, "offers"),
    desk_path("aufnahme/", entry.entry, "entry"),
    desk_path("aufnahme/orte/", entry.places, "entry_places"),
    desk_path("aufnahme/hinweise/", entry.hints, "entry_hints"),
    desk_path("aufnahme/entwurf/", entry.keep, "entry_keep"),
    desk_path("aufnahme/vorschlaege/", suggestions.suggest, "entry_suggestions"),
    desk_path("aufnahme/<str:number>/", entry.entered, "entered"),
    desk_path("aufnahme/<str:number>/zuruecknehmen/", entry.take_back, "entry_take_back"),
    desk_path("posteingang/", inbox.inbox, "inbox"),
    desk_path("posteingang/<int:mail_id>/", inbox.sort, "mail_sort"),
    desk_path("posteingang/<int:mail_id>/datei/<int:ordinal>/", inbox.attachment, "mail_file"),
    desk_path("rueckrufe/", replies.replies, "replies"),
    desk_path("rueckrufe/<int:task_id>/", replies.settle, "reply"),
    desk_path("rueckrufe/<int:task_id>/brief/", replies.letter, "reply_letter"),
    desk_path("vorschlaege/", suggestions.model_card, "model_card"),
    desk_path("loeschen/", retention.overview, "retention"),
    desk_path("kommune/", queue.switch_town, "town"),
    desk_path("anmelden/", login.log_in, "login"),
    desk_path("anmelden/code/", login.log_in_code, "login_code"),
    desk_path("abmelden/", login.log_out, "logout"),
    desk_path("konto/", account.account, "account"),
    desk_path("freigabe/", moderation.moderation, "moderation"),
    desk_path("pruefung/", held.held, "held"),
    desk_path("pruefung/entscheiden/", held.decide, "held_decide"),
    desk_path("pruefung/zuruecknehmen/", held.undo, "held_undo"),
    desk_path("foto/<str:number>/<int:ordinal>/original/", photos.original, "original"),
    desk_path("foto/<str:number>/<int:ordinal>/masken/", masks.edit, "masks"),
    desk_path("foto/<str:number>/<int:ordinal>/ohne-masken/", masks.unmasked, "unmasked"),
    desk_path(
        "foto/<str:number>/<int:ordinal>/<int:size>.<str:image_format>", photos.photo, "photo"
    ),
    desk_path("vorgang/<str:number>/", case.case, "case"),
    desk_path("vorgang/<str:number>/freigabe/", moderation.decide, "moderate"),
    desk_path("vorgang/<str:number>/nachricht/", case.resend, "resend"),
    desk_path("vorgang/<str:number>/<slug:verb>/", case.act, "act"),
]
