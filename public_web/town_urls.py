"""Pages of one town; the town's prefix or host has been taken off before (accounts/towns.py)."""

from django.urls import path

from public_web.views import (
    asset,
    change_town,
    choose_kind,
    known,
    map_page,
    own_data,
    pages,
    photo,
    receipt,
    receipt_changes,
    report_form,
    site_files,
    support,
    tiles,
    words,
)

app_name = "public_web"
urlpatterns = [
    path("", map_page.home, name="home"),
    path("meldungen.geojson", map_page.points, name="points"),
    path("gebiete.geojson", map_page.areas, name="areas"),
    path("melden/", choose_kind.choose_category, name="choose_category"),
    path("melden/uebernehmen/", change_town.take_over, name="take_over"),
    path("melden/pruefen/", words.check_words, name="check_words"),
    path("melden/stichworte.json", words.word_lists, name="word_lists"),
    path("melden/<str:code>/bekannt.json", known.known, name="known"),
    path("melden/<str:code>/", report_form.report_form, name="report_form"),
    path("objekt/<str:layer>/<path:key>/", asset.asset_page, name="asset"),
    path("meldung/<str:number>/", map_page.report_page, name="report"),
    path("meldung/<str:number>/zugang/", receipt.exchange, name="exchange"),
    path("meine/", receipt.mine, name="mine"),
    path("meine/vergessen/", receipt.forget, name="forget"),
    path("meine/<str:number>/", receipt.receipt_page, name="receipt"),
    path("meine/<str:number>/zurueckziehen/", receipt.withdraw, name="withdraw"),
    path("meine/<str:number>/zugangscode/", receipt.renew_secret, name="renew_secret"),
    path("meine/<str:number>/ergaenzen/", receipt_changes.add, name="add"),
    path("meine/<str:number>/stimmt-das/", receipt_changes.say_whether_true, name="feedback"),
    path("meine/<str:number>/widerspruch/", receipt_changes.object_to, name="objection"),
    path("meine/<str:number>/daten/", own_data.own_data, name="own_data"),
    path("meine/<str:number>/nachrichten/", receipt_changes.messages_page, name="messages"),
    path("meldung/<str:number>/abmelden/", receipt_changes.stop, name="stop"),
    path("meldung/<str:number>/betrifft-mich-auch/", support.join, name="support"),
    path(
        "meldung/<str:number>/betrifft-mich-auch/<int:support_id>/bestaetigen/",
        support.confirm,
        name="confirm_support",
    ),
    path(
        "meldung/<str:number>/betrifft-mich-auch/<int:support_id>/abmelden/",
        support.leave,
        name="leave_support",
    ),
    path("bestaetigen/<str:number>/", receipt.confirm, name="confirm"),
    path("foto/<path:name>", photo.published_photo, name="photo"),
    path("kacheln/<int:z>/<int:x>/<int:y>.png", tiles.tile, name="tile"),
    path("seite/<slug:page>/", pages.page, name="page"),
    path("manifest.webmanifest", site_files.manifest, name="manifest"),
]
