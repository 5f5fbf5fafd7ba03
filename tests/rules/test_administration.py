"""The administration: who gets in, what an administrator of one town sees and may change."""

import json
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.gis.geos import Point
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import Settings

from accounts import api_clients
from accounts.models import ApiClient, Municipality, Office, Role, RoleAssignment, User
from routing.boundaries import areas_around
from routing.models import Area, Category, ClosingDay, OnCallShift, Question, Rule
from tests.factories import AreaFactory, QuestionFactory, RoleFactory, RuleFactory, UserFactory
from tests.people import Town


@pytest.fixture
def ada(heilbronn: Town, heidenheim: Town, settings: Settings) -> Client:
    """Ada, administrator of Heilbronn, signed in; no second factor asked for."""
    settings.SECOND_FACTOR_ROLES = set()
    client = Client()
    client.force_login(heilbronn.people["ada"])
    return client


def page(name: str, *args: Any) -> str:
    """The address of a page of the administration."""
    return reverse(f"admin:{name}", args=args)


def filled(response: Any, **changes: Any) -> dict[str, Any]:
    """What a browser would send from a change page, with some fields changed."""
    context = response.context
    data: dict[str, Any] = {}
    forms = [context["adminform"].form]
    for formset in context["inline_admin_formsets"]:
        management = formset.formset.management_form
        data |= {
            management.add_prefix(field): management[field].value() for field in management.fields
        }
        forms += formset.formset.forms
    for form in forms:
        for name in form.fields:
            value = form[name].value()
            widget = form.fields[name].widget
            if hasattr(widget, "serialize"):
                value = widget.serialize(value) if value and not isinstance(value, str) else value
            if isinstance(value, list) and not hasattr(widget, "allow_multiple_selected"):
                value = ",".join(value)
            if value is not None and value is not False:  # nought is a value
                data[form.add_prefix(name)] = value
    return data | changes


# Getting in


def test_strangers_are_sent_to_the_desks_login(db: None) -> None:
    response = Client().get(page("index"), follow=True)
    assert response.redirect_chain[-1][0].startswith(reverse("staff_desk:login"))
    assert "next=/admin/" in response.redirect_chain[-1][0]


@pytest.mark.parametrize("name", ["clara", "dora", "mona", "max"])
def test_staff_without_the_role_get_nothing(heilbronn: Town, settings: Settings, name: str) -> None:
    settings.SECOND_FACTOR_ROLES = set()
    person = heilbronn.people[name]
    person.is_staff = True  # the flag alone opens nothing
    person.save()
    client = Client()
    client.force_login(person)
    assert client.get(page("index"), follow=True).status_code == 403
    assert client.get(page("routing_rule_changelist"), follow=True).status_code == 403


def test_the_second_factor_is_asked_for_where_the_role_says_so(
    heilbronn: Town, settings: Settings
) -> None:
    settings.SECOND_FACTOR_ROLES = {Role.ADMIN}
    ada = heilbronn.people["ada"]
    client = Client()
    client.force_login(ada)
    assert client.get(page("index")).status_code == 302
    device = TOTPDevice.objects.create(user=ada, confirmed=True)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    response = client.get(page("index"))
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]


def test_an_operator_needs_the_second_factor_too(heilbronn: Town, settings: Settings) -> None:
    settings.SECOND_FACTOR_ROLES = {Role.ADMIN}
    client = Client()
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    assert client.get(page("index")).status_code == 302


def test_idling_ends_the_administration(ada: Client, settings: Settings) -> None:
    assert ada.get(page("index")).status_code == 200
    settings.DESK_IDLE_SECONDS = -1
    assert ada.get(page("index")).status_code == 302


# Only the own town


def test_every_list_and_form_opens(ada: Client, heilbronn: Town) -> None:
    area = heilbronn.municipality.areas.get(name="Böckingen")
    RuleFactory(municipality=heilbronn.municipality, office=heilbronn.offices["66"], area=area)
    QuestionFactory(category=heilbronn.categories["pothole"])
    for model in (Area, Category, Rule, Office, Municipality, User):
        label = f"{model._meta.app_label}_{model._meta.model_name}"
        assert ada.get(page(f"{label}_changelist")).status_code == 200
        row = model._default_manager.filter(**_in_heilbronn(model)).first()
        assert row is not None
        assert ada.get(page(f"{label}_change", row.pk)).status_code == 200
        assert ada.get(page(f"{label}_history", row.pk)).status_code == 200
    for label in (
        "routing_area",
        "routing_category",
        "routing_officehours",
        "routing_closingday",
        "routing_oncallshift",
        "accounts_office",
        "accounts_team",
        "accounts_user",
        "accounts_apiclient",
    ):
        assert ada.get(page(f"{label}_add")).status_code == 200


def _in_heilbronn(model: type[Any]) -> dict[str, str]:
    path = {Municipality: "slug", User: "roles__municipality__slug"}
    return {path.get(model, "municipality__slug"): "heilbronn"}


def test_other_towns_are_neither_listed_nor_opened(
    ada: Client, heilbronn: Town, heidenheim: Town
) -> None:
    town = heidenheim.municipality
    theirs = {
        "accounts_office": heidenheim.offices["66"],
        "accounts_municipality": town,
        "accounts_user": heidenheim.people["heidi"],
        "routing_category": heidenheim.categories["pothole"],
        "routing_area": AreaFactory(municipality=town, name="Schnaitheim"),
    }
    for label, row in theirs.items():
        listed = ada.get(page(f"{label}_changelist")).context["cl"].queryset
        assert row not in listed
        assert ada.get(page(f"{label}_change", row.pk)).status_code == 302  # to the index
        ada.post(page(f"{label}_delete", row.pk), {"post": "yes"})
        assert type(row)._default_manager.filter(pk=row.pk).exists()
    assert "Heidenheim" not in ada.get(page("routing_category_changelist")).content.decode()
    assert "Schnaitheim" not in ada.get(page("routing_categorynotice_add")).content.decode()


def test_rows_cannot_be_put_into_another_town(
    ada: Client, heilbronn: Town, heidenheim: Town
) -> None:
    values = {"day": "24.12.2026", "reason": "Fremd"}
    for town, office in ((heidenheim, heidenheim), (heilbronn, heidenheim)):
        response = ada.post(
            page("routing_closingday_add"),
            values | {"municipality": town.municipality.pk, "office": office.offices["66"].pk},
        )
        assert response.context["adminform"].form.errors
    assert not ClosingDay.objects.exists()


def test_who_administers_two_towns_still_cannot_mix_them(
    ada: Client, heilbronn: Town, heidenheim: Town
) -> None:
    RoleFactory(user=heilbronn.people["ada"], municipality=heidenheim.municipality, role=Role.ADMIN)
    response = ada.post(
        page("routing_closingday_add"),
        {
            "municipality": heilbronn.municipality.pk,
            "day": "24.12.2026",
            "office": heidenheim.offices["66"].pk,
        },
    )
    assert "gehört zu einer anderen Kommune" in response.content.decode()
    assert not ClosingDay.objects.exists()


def test_on_a_citys_own_host_only_that_city_is_seen(
    ada: Client, heilbronn: Town, heidenheim: Town, settings: Settings
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    RoleFactory(user=heilbronn.people["ada"], municipality=heidenheim.municipality, role=Role.ADMIN)
    Municipality.objects.filter(slug="heidenheim").update(host_name="meldung.heidenheim.example")
    offices = ada.get(
        page("accounts_office_changelist"), headers={"host": "meldung.heidenheim.example"}
    )
    assert {office.municipality_id for office in offices.context["cl"].queryset} == {
        heidenheim.municipality.pk
    }


# Rules, categories, areas


def test_rules_can_only_be_looked_up(ada: Client, heilbronn: Town, heidenheim: Town) -> None:
    own = RuleFactory(municipality=heilbronn.municipality, office=heilbronn.offices["66"])
    RuleFactory(municipality=heidenheim.municipality, office=heidenheim.offices["66"])
    listed = ada.get(page("routing_rule_changelist")).context["cl"].queryset
    assert list(listed) == [own]
    assert ada.get(page("routing_rule_add")).status_code == 403
    assert ada.post(page("routing_rule_delete", own.pk), {"post": "yes"}).status_code == 403
    assert ada.post(page("routing_rule_change", own.pk), {"name": "Anders"}).status_code == 403


def test_a_category_and_its_questions_are_edited_in_one_go(ada: Client, heilbronn: Town) -> None:
    category = heilbronn.categories["pothole"]
    QuestionFactory(
        category=category,
        code="was",
        datatype="single",
        options=[{"key": "tief", "de": "Tief", "danger": True, "advice_de": "112"}],
        translations={"en": {"text": "What?"}, "tr": {"text": "Ne?"}},
    )
    address = page("routing_category_change", category.pk)
    response = ada.get(address)
    assert "tief | Tief |  | Gefahr | 112" in response.content.decode()
    response = ada.post(
        address,
        filled(
            response,
            completion_hours=40,
            **{
                "questions-0-options": "tief | Tief | Deep | Gefahr\nflach | Flach",
                "questions-0-text_en": "How deep?",
            },
        ),
    )
    assert response.status_code == 302
    category.refresh_from_db()
    question = Question.objects.get()
    assert category.completion_hours == 40
    assert question.options == [
        {"key": "tief", "de": "Tief", "en": "Deep", "danger": True},
        {"key": "flach", "de": "Flach"},
    ]
    assert question.translations == {"tr": {"text": "Ne?"}, "en": {"text": "How deep?"}}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("Ohne Schlüssel", "Zeile 1: erwartet wird"),
        ("a | A\na | B", "Jeder Schlüssel darf nur einmal vorkommen: a"),
        ("a", "Zeile 1: Der deutsche Text fehlt."),
        ("", "Bitte mindestens eine Auswahl angeben."),
    ],
)
def test_bad_choices_are_named_by_line(
    ada: Client, heilbronn: Town, lines: str, message: str
) -> None:
    category = heilbronn.categories["pothole"]
    QuestionFactory(category=category, datatype="single", options=[{"key": "a", "de": "A"}])
    address = page("routing_category_change", category.pk)
    response = ada.post(address, filled(ada.get(address), **{"questions-0-options": lines}))
    assert message in response.content.decode()


def test_a_coarse_category_needs_a_coarse_grid(ada: Client, heilbronn: Town) -> None:
    address = page("routing_category_change", heilbronn.categories["pothole"].pk)
    response = ada.post(address, filled(ada.get(address), publication_policy="coarse"))
    assert "mindestens 250 Meter" in response.content.decode()


def test_a_category_says_what_its_town_has_chosen_for_private_ground(
    ada: Client, heilbronn: Town
) -> None:
    category = page("routing_category_change", heilbronn.categories["pothole"].pk)
    town = page("accounts_municipality_change", heilbronn.municipality.pk)
    assert "(jetzt: wartet auf Freigabe)" in ada.get(category).content.decode()
    Municipality.objects.filter(pk=heilbronn.municipality.pk).update(private_ground="snap")
    assert "(jetzt: rückt an die nächste Straße)" in ada.get(category).content.decode()
    for address in (category, town):
        assert "als „privat“ stehen" in ada.get(address).content.decode()
    assert ada.post(category, filled(ada.get(category), private_ground="ignore")).status_code == 302
    nowhere = ada.post(town, filled(ada.get(town), private_ground="ignore"))
    assert "private_ground" in nowhere.context["adminform"].form.errors


def test_an_area_page_draws_neighbours_and_passes_the_csp(ada: Client, heilbronn: Town) -> None:
    area = heilbronn.municipality.areas.get(name="Böckingen")
    response = ada.get(page("routing_area_change", area.pk))
    text = response.content.decode()
    [nonce] = re.findall(r"script-src [^;]*'nonce-([^']+)'", response["Content-Security-Policy"])
    inline = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", text)
    assert inline
    assert all(f'nonce="{nonce}"' in tag or "application/json" in tag for tag in inline)
    assert not re.findall(r"<[^>]+\s(style|on[a-z]+)=", text)
    assert "tile.openstreetmap.org" not in text
    background = re.findall(r'id="area-map-background"[^>]*>(.*?)</script>', text, re.DOTALL)
    names = [each["properties"]["name"] for each in json.loads(background[0])["features"]]
    assert names == ["", "Innenstadt"]
    words = json.loads(re.findall(r'id="area-map-words"[^>]*>(.*?)</script>', text)[0])
    assert words["draw.toolbar.buttons.polygon"] == "Fläche zeichnen"


def test_a_new_version_of_an_area_ends_the_former_the_day_before(
    ada: Client, heilbronn: Town, heidenheim: Town
) -> None:
    area = heilbronn.municipality.areas.get(name="Böckingen")
    change, begin = page("routing_area_change", area.pk), page("routing_area_new_version", area.pk)
    assert begin in ada.get(change).content.decode()
    assert "immer" in ada.get(begin).content.decode()

    made = ada.post(begin, {"valid_from": "2027-01-01"})
    new = heilbronn.municipality.areas.get(key=area.key, valid_from="2027-01-01")
    area.refresh_from_db()
    assert made["Location"] == page("routing_area_change", new.pk)
    assert (area.valid_to, new.valid_to) == (date(2026, 12, 31), None)
    assert (new.name, new.geometry.wkb) == (area.name, area.geometry.wkb)
    assert area.name in ada.get(change).content.decode()  # the former stays readable
    place = Point(*area.geometry.point_on_surface.coords, srid=4326)
    for day, version in ((date(2026, 12, 31), area), (date(2027, 1, 1), new)):
        around = areas_around(area.municipality_id, place, day, 0)
        found = {each.id for each in around.covering} & {area.pk, new.pk}
        assert found == {version.pk}

    for day in ("2027-01-01", "2026-06-01"):
        refused = ada.post(page("routing_area_new_version", area.pk), {"valid_from": day})
        assert "Es gibt schon eine Fassung ab 01.01.2027" in refused.content.decode()
    both = ada.post(change, filled(ada.get(change), valid_to=""))
    assert "gilt schon eine andere Fassung (ab 01.01.2027)" in both.content.decode()
    theirs = AreaFactory(municipality=heidenheim.municipality, name="Schnaitheim")
    assert ada.get(page("routing_area_new_version", theirs.pk)).status_code == 404


def test_saving_an_area_leaves_its_shape_alone_unless_drawn(ada: Client, heilbronn: Town) -> None:
    area = heilbronn.municipality.areas.get(name="Böckingen")
    exact = area.geometry.wkb
    address = page("routing_area_change", area.pk)
    assert ada.post(address, filled(ada.get(address), name="Böckingen-West")).status_code == 302
    area.refresh_from_db()
    assert (area.name, area.geometry.wkb) == ("Böckingen-West", exact)
    with_hole = {
        "type": "MultiPolygon",
        "coordinates": [
            [
                [[9.1, 49.1], [9.2, 49.1], [9.2, 49.2], [9.1, 49.2], [9.1, 49.1]],
                [[9.14, 49.14], [9.16, 49.14], [9.16, 49.16], [9.14, 49.16], [9.14, 49.14]],
            ]
        ],
    }
    assert (
        ada.post(address, filled(ada.get(address), geometry=json.dumps(with_hole))).status_code
        == 302
    )
    area.refresh_from_db()
    assert len(area.geometry[0]) == 2
    with_hole["coordinates"] = [[[[9.1, 49.1], [9.2, 49.2], [9.2, 49.1], [9.1, 49.2], [9.1, 49.1]]]]
    refused = ada.post(address, filled(ada.get(address), geometry=json.dumps(with_hole)))
    assert "überschneidet sich selbst" in refused.content.decode()


# Offices, people, API clients


def test_the_dispatch_office_moves_but_never_vanishes(ada: Client, heilbronn: Town) -> None:
    dispatch, other = heilbronn.offices["dispatch"], heilbronn.offices["67"]
    ada.post(page("accounts_office_delete", dispatch.pk), {"post": "yes"})
    address = page("accounts_office_change", dispatch.pk)
    assert (
        "kann nicht enden"
        in ada.post(address, filled(ada.get(address), valid_to="2026-12-31")).content.decode()
    )
    ada.post(
        page("accounts_office_changelist"),
        {"action": "make_dispatch", "_selected_action": [other.pk]},
    )
    dispatchers = Office.objects.filter(municipality=heilbronn.municipality, is_dispatch=True)
    assert list(dispatchers) == [other]


def test_a_new_person_gets_a_role_in_the_own_town(
    ada: Client, heilbronn: Town, heidenheim: Town
) -> None:
    values = {
        "email": "Neu@rathaus.example",
        "first_name": "Nele",
        "last_name": "Neu",
        "usable_password": "true",
        "password1": "ein langes Kennwort fürs Amt",
        "password2": "ein langes Kennwort fürs Amt",
        "roles-TOTAL_FORMS": "1",
        "roles-INITIAL_FORMS": "0",
    }
    role = {"roles-0-municipality": heilbronn.municipality.pk, "roles-0-role": "dispatcher"}
    without = ada.post(page("accounts_user_add"), values)
    assert "Bitte mindestens eine Rolle angeben." in without.content.decode()
    foreign = {"roles-0-municipality": heidenheim.municipality.pk, "roles-0-role": "admin"}
    assert ada.post(page("accounts_user_add"), values | foreign).status_code == 200
    assert ada.post(page("accounts_user_add"), values | role).status_code == 302
    nele = User.objects.get(email__iexact="neu@rathaus.example")
    assert nele.check_password("ein langes Kennwort fürs Amt")
    assert [each.municipality for each in nele.roles.all()] == [heilbronn.municipality]
    again = ada.post(page("accounts_user_add"), values | role | {"email": "neu@RATHAUS.example"})
    assert "Diese Adresse gibt es schon." in again.content.decode()


def test_nobody_makes_operators_and_shared_people_are_only_shown(
    ada: Client, heilbronn: Town, heidenheim: Town
) -> None:
    clara = heilbronn.people["clara"]
    address = page("accounts_user_change", clara.pk)
    ada.post(address, filled(ada.get(address), is_superuser="on", first_name="Klara"))
    clara.refresh_from_db()
    assert (clara.first_name, clara.is_superuser) == ("Klara", False)
    RoleFactory(user=clara, municipality=heidenheim.municipality)
    shown = ada.get(address)
    assert shown.status_code == 200
    assert heidenheim.municipality.name not in shown.content.decode()
    assert ada.post(address, {"email": "x@rathaus.example"}).status_code == 403
    assert ada.get(page("auth_user_password_change", clara.pk)).status_code == 403
    operator = UserFactory(is_superuser=True)
    RoleAssignment.objects.create(
        user=operator, municipality=heilbronn.municipality, role=Role.ADMIN
    )
    assert ada.get(page("accounts_user_change", operator.pk)).status_code == 302


def test_the_second_factor_can_be_reset(ada: Client, heilbronn: Town) -> None:
    clara = heilbronn.people["clara"]
    TOTPDevice.objects.create(user=clara, confirmed=True)
    ada.post(
        page("accounts_user_changelist"),
        {"action": "reset_second_factor", "_selected_action": [clara.pk]},
    )
    assert not TOTPDevice.objects.filter(user=clara).exists()


def test_a_token_is_shown_once_and_only_for_the_own_town(ada: Client, heilbronn: Town) -> None:
    values = {"name": "Stadt-App", "rate_class": "trusted", "is_active": "on"}
    everywhere = ada.post(page("accounts_apiclient_add"), values)
    assert everywhere.context["adminform"].form.errors
    bulk = values | {"municipality": heilbronn.municipality.pk, "rate_class": "bulk"}
    assert ada.post(page("accounts_apiclient_add"), bulk).context["adminform"].form.errors
    response = ada.post(
        page("accounts_apiclient_add"), values | {"municipality": heilbronn.municipality.pk}
    )
    [token] = re.findall(r"<code>(anl_[^<]+)</code>", response.content.decode())
    assert "no-store" in response["Cache-Control"]
    client = ApiClient.objects.get()
    assert api_clients.find_client(token) == client
    later = ada.get(page("accounts_apiclient_change", client.pk)).content.decode()
    assert token not in later
    assert client.token_hash not in later


def test_the_towns_own_data_are_edited_and_its_outline_kept(ada: Client, heilbronn: Town) -> None:
    town = heilbronn.municipality
    exact = Municipality.objects.get(pk=town.pk).coverage.wkb
    address = page("accounts_municipality_change", town.pk)
    assert ada.get(page("accounts_municipality_add")).status_code == 403
    response = ada.post(
        address, filled(ada.get(address), contact_phone="07131 56-0", slug="anders")
    )
    assert response.status_code == 302, response.context["adminform"].form.errors
    town.refresh_from_db()
    assert (town.contact_phone, town.slug, town.coverage.wkb) == ("07131 56-0", "heilbronn", exact)
    wrong = ada.post(address, filled(ada.get(address), time_zone="Europa/Berlin"))
    assert "Diese Zeitzone gibt es nicht" in wrong.content.decode()


def test_every_row_of_the_administration_has_a_name() -> None:
    """Nobody knows who "OnCallShift object (31)" is."""
    shown = {
        model
        for registered, its_admin in admin.site._registry.items()
        for model in (registered, *(inline.model for inline in its_admin.inlines))
    }

    assert [model.__name__ for model in shown if model.__str__ is Model.__str__] == []


def test_a_shift_says_who_and_when(heilbronn: Town) -> None:
    shift = OnCallShift(
        person=heilbronn.people["clara"],
        starts_at=datetime(2026, 7, 6, 6, tzinfo=UTC),
        ends_at=datetime(2026, 7, 13, 6, tzinfo=UTC),
    )

    assert str(shift) == "Clara Clerk, 06.07.2026 08:00 – 13.07.2026 08:00"
