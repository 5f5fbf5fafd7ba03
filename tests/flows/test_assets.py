"""Lamps with numbers: a register comes in, somebody reports one, the case and the lamp know it."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from reports.actions.find_alike import find_alike
from reports.actions.publish import publish_report
from reports.actions.route import route_report
from reports.duplicates import Likeness
from reports.models import Report
from reports.queries.assets import things_of
from routing.asset import Asset, AssetLayer
from tests.factories import AssetFactory, AssetLayerFactory
from tests.people import TOWN_HALL, Town

REGISTER = """Nummer;Mast;Lon;Lat
4711;Stahl;9,21870;49,14270
4712;Holz;9,21890;49,14270
4713;Stahl;9,30000;49,20000
4713;Stahl;9,30000;49,20000
;Stahl;9,21870;49,14270
9999;Stahl;13,4;52,5
"""


def import_register(path: Path, text: str, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    """What the command says about a register of lamps of Heilbronn."""
    path.write_text(text)
    call_command(
        "import_assets",
        str(path),
        "--municipality=heilbronn",
        "--layer=leuchten",
        "--name=Straßenlampen",
        "--one=Leuchte",
        "--category=strasse.schlagloch",
        "--key-field=Nummer",
        "--attribute=mast=Mast",
        *more,
    )
    return capsys.readouterr().out


def sign_in(town: Town, person: str) -> Client:
    client = Client()
    client.force_login(town.people[person])
    return client


def test_a_register_is_read_again_and_again(
    heilbronn: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "leuchten.csv"
    out = import_register(path, REGISTER, capsys, "--dry-run")
    assert "Probelauf" in out
    assert not Asset.objects.exists()
    out = import_register(path, REGISTER, capsys)
    assert "3 neu" in out
    assert "Nummer doppelt; es gilt Zeile 3" in out
    assert "Zeile 5: abgelehnt: ohne Nummer" in out
    assert "liegt außerhalb von Heilbronn" in out
    first = Asset.objects.get(key="4711")
    assert (first.label, first.attributes) == ("Leuchte 4711", {"mast": "Stahl"})
    assert "3 unverändert" in import_register(path, REGISTER, capsys)
    shorter = REGISTER.replace("4712;Holz;9,21890;49,14270\n", "").replace("4711;Stahl", "4711;Alu")
    out = import_register(path, shorter, capsys)
    assert "1 geändert, 1 unverändert, 1 nicht mehr verzeichnet" in out
    first.refresh_from_db()
    gone = Asset.objects.get(key="4712")
    assert first.attributes == {"mast": "Alu"}
    assert gone.gone_since == timezone.localdate()
    import_register(path, REGISTER, capsys)
    gone.refresh_from_db()
    assert gone.gone_since is None
    with pytest.raises(CommandError, match="Die Spalte Nummer gibt es nicht"):
        import_register(path, REGISTER.replace("Nummer", "Nr", 1), capsys)


def test_half_a_register_is_not_taken_for_the_whole(
    heilbronn: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(f"{at};9.2{at:03};49.14\n" for at in range(100, 200))
    head = "Nummer;lon;lat;Mast\n"
    path = tmp_path / "leuchten.csv"
    whole = head + rows.replace("\n", ";\n")
    import_register(path, whole, capsys)
    half = head + "".join(line + "\n" for line in whole.splitlines()[1:51])
    with pytest.raises(CommandError, match="50 von 100 Objekten fehlen"):
        import_register(path, half, capsys)
    assert not Asset.objects.exclude(gone_since=None).exists()
    assert "50 nicht mehr verzeichnet" in import_register(path, half, capsys, "--may-shrink")


@pytest.mark.django_db(transaction=True, databases=["default", "public"])
def test_from_the_register_to_the_case_and_back(
    heilbronn: Town, heidenheim: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import_register(tmp_path / "leuchten.csv", REGISTER, capsys)
    app = Client()
    here = f"lat={TOWN_HALL[1]}&lon={TOWN_HALL[0]}&category=strasse.schlagloch"
    near = app.get(f"/api/v1/assets?{here}").json()
    assert [each["reference"] for each in near["assets"]] == ["leuchten:4711", "leuchten:4712"]
    assert near["kinds"] == ["Leuchte"]
    assert near["assets"][0]["attributes"] == {}  # the layer lets nothing out
    by_number = app.get(f"/api/v1/assets?{here}&number=leuchte-4713").json()["assets"]
    assert [each["label"] for each in by_number] == ["Leuchte 4713"]

    body = {
        "category": "strasse.schlagloch",
        "lat": TOWN_HALL[1],
        "lon": TOWN_HALL[0],
        "description": "brennt nicht",
        "assets": ["leuchten:4711"],
    }
    sent = app.post("/api/v1/reports", body, content_type="application/json")
    assert sent.status_code == 201, sent.content
    unknown = app.post(
        "/api/v1/reports", body | {"assets": ["leuchten:1"]}, content_type="application/json"
    )
    assert unknown.json()["errors"][0]["code"] == "unknown_asset"
    case = Report.objects.get(number=sent.json()["number"])
    route_report(case.pk)
    publish_report(case.pk, now=timezone.now())

    # The number alone says where it is: no map, no script, no district.
    form = _form(app)
    form |= {"description": "flackert", "asset_number": "Leuchte 4711", "known": case.number}
    answer = app.post("/heilbronn/melden/strasse.schlagloch/", form)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    second = Report.objects.latest("pk")
    assert second.place.coords == pytest.approx((9.2187, 49.1427))
    assert [thing.asset.key for thing in things_of(second)] == ["4711"]
    route_report(second.pk)
    form = _form(app) | {"asset_number": "0815", "description": "x"}
    refused = app.post("/heilbronn/melden/strasse.schlagloch/", form)
    assert refused.status_code == 422
    assert "Diese Nummer kennen wir nicht" in refused.content.decode()

    # The clerk finds the lamp by its number and sees what it went through.
    clara = sign_in(heilbronn, "clara")
    page = clara.get("/desk/objekte/", {"q": "4711"}, follow=True)
    assert page.redirect_chain[-1][0] == "/desk/objekte/leuchten/4711/"
    words = page.content.decode()
    assert case.number in words
    assert second.number in words
    assert "Leuchte 4711" in clara.get(f"/desk/vorgang/{case.number}/").content.decode()
    listed = clara.get("/desk/suche/", {"q": "Leuchte 4711"}, follow=True).content.decode()
    assert case.number in listed
    gero = sign_in(heilbronn, "gero").get("/desk/objekte/leuchten/4711/").content.decode()
    assert case.number not in gero
    assert "2 weitere Vorgänge sind für Sie nicht sichtbar" in gero
    heidi = sign_in(heidenheim, "heidi")
    assert heidi.get("/desk/objekte/leuchten/4711/").status_code == 404

    # What is public of it, and what partner systems read.
    public = app.get("/heilbronn/objekt/leuchten/4711/").content.decode()
    assert case.number in public
    assert "Stahl" not in public
    assert second.number not in public
    open311 = app.get(
        f"/open311/v2/requests/{case.number}.json?jurisdiction_id=heilbronn&extensions=true"
    )
    extended = open311.json()[0]["extended_attributes"]
    assert (extended["service_object_type"], extended["service_object_id"]) == ("leuchten", "4711")

    # What nobody may see does not exist, and a lamp that is gone keeps its cases.
    AssetLayer.objects.update(is_public=False)
    assert app.get("/heilbronn/objekt/leuchten/4711/").status_code == 404
    assert app.get(f"/api/v1/assets?{here}").json()["assets"] == []
    Asset.objects.update(gone_since=date(2026, 1, 1))
    assert "nicht mehr verzeichnet" in clara.get(f"/desk/vorgang/{case.number}/").content.decode()


def test_what_fails_again_and_again_is_said(heilbronn: Town, report: Any) -> None:
    layer = AssetLayerFactory(
        municipality=heilbronn.municipality, code="leuchten", repeat_count=2, repeat_months=3
    )
    AssetFactory(layer=layer, key="7")
    first, second, third = (
        report(heilbronn, "pothole", assets=("leuchten:7",)).report for _each in range(3)
    )
    Report.objects.filter(pk=first.pk).update(received_at=timezone.now() - timedelta(days=200))
    Report.objects.filter(pk=second.pk).update(status="withdrawn", closed_at=timezone.now())
    third.refresh_from_db()
    assert [(each.recent, each.is_repeat) for each in things_of(third)] == [(1, False)]
    fourth = report(heilbronn, "pothole", assets=("leuchten:7",)).report
    fourth.refresh_from_db()
    assert [(each.recent, each.is_repeat) for each in things_of(fourth)] == [(2, True)]
    # What fails again is more pressing; the case says why, and the queue can be read that way.
    first.refresh_from_db()
    assert (first.priority, fourth.priority) == ("", "high")
    layer.repeat_priority = ""
    layer.save()
    fifth = report(heilbronn, "pothole", assets=("leuchten:7",)).report
    fifth.refresh_from_db()
    assert fifth.priority == ""
    page = sign_in(heilbronn, "clara").get(f"/desk/vorgang/{fourth.number}/").content.decode()
    assert "hoch, 2 Fälle in 3 Monaten" in page
    listed = {"liste": "offen", "sortierung": "dringlichkeit"}
    queue = sign_in(heilbronn, "clara").get("/desk/", listed).content.decode()
    assert max(map(queue.index, [third.number, fourth.number])) < queue.index(fifth.number)
    # Two cases about one lamp are one in all likelihood, also where people call them differently.
    find_alike(fifth.pk)
    assert Likeness.objects.get(first=fourth, second=fifth).same_asset
    shown = sign_in(heilbronn, "clara").get(f"/desk/vorgang/{fourth.number}/").content.decode()
    assert "dasselbe Objekt" in shown
    Report.objects.filter(pk=fifth.pk).update(status="withdrawn", closed_at=timezone.now())
    dora = sign_in(heilbronn, "dora")
    assert "2. Fall in 3 Monaten" in dora.get(f"/desk/vorgang/{fourth.number}/").content.decode()
    assert "2 Fälle in 3 Monaten" in dora.get("/desk/objekte/").content.decode()


def _form(client: Client) -> dict[str, str]:
    page = client.get("/heilbronn/melden/strasse.schlagloch/")
    assert "Worum genau geht es?" in page.content.decode()
    form = page.context["form"]
    return {"form_key": form["form_key"].value(), "asked": form.asked_codes}
