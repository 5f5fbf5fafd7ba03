"""The administration: wordings are checked and previewed; the log shows no address in full."""

from typing import Any

import pytest
from django.contrib.admin.sites import site
from django.test import RequestFactory

from accounts.models import Municipality, Role, User
from leases.models import WorkState
from notifications.admin import TemplateAdmin, TemplateForm
from notifications.models import Message, Template
from tests.factories import RoleFactory, UserFactory
from tests.notifications.conftest import Book, make_town

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(town: Municipality) -> User:
    """Heilbronn's administrator."""
    ada: User = UserFactory(is_staff=True)
    RoleFactory(user=ada, municipality=town, role=Role.ADMIN)
    return ada


def typed(town: Municipality, **changes: str) -> dict[str, Any]:
    return {
        "municipality": town.pk,
        "event": "report_status",
        "language": "de",
        "subject": "Neues zu {{ number }}",
        "body": "Siehe {{ receipt_link }}",
    } | changes


def asked_by(user: User, method: str = "get", **data: Any) -> Any:
    request = getattr(RequestFactory(), method)("/admin/", data)
    request.user = user
    return request


def test_a_sound_wording_is_saved(town: Municipality) -> None:
    form = TemplateForm(typed(town))

    assert form.is_valid(), form.errors
    assert form.save().subject == "Neues zu {{ number }}"


def test_a_wording_with_an_unknown_placeholder_is_refused(town: Municipality) -> None:
    form = TemplateForm(typed(town, body="{{ reporter.email }} {{ receipt_link }} {{ nonsense }}"))

    assert not form.is_valid()
    assert len(form.non_field_errors()) == 2
    assert not Template.objects.exists()


def test_a_preview_shows_what_was_typed_and_saves_nothing(town: Municipality) -> None:
    form = TemplateForm(typed(town, _preview="Vorschau"))

    assert not form.is_valid()
    assert form.errors.as_data()["__all__"][0].code == "preview"
    shown = TemplateAdmin(Template, site).shown(form.instance)
    assert "Neues zu HN-2026-004711" in shown
    assert "Stadt Heilbronn" in shown
    assert not Template.objects.exists()


def test_a_preview_escapes_what_was_typed(town: Municipality) -> None:
    row = Template(**typed(town, body="<script>1</script>") | {"municipality": town})

    assert "<script>" not in TemplateAdmin(Template, site).shown(row)


def test_administrators_see_their_own_municipality_only(town: Municipality, ada: User) -> None:
    foreign = make_town()
    for municipality in (town, foreign):
        Template.objects.create(municipality=municipality, event="report_status")
    admin = site.get_model_admin(Template)
    request = asked_by(ada)

    assert [row.municipality for row in admin.get_queryset(request)] == [town]
    field = admin.formfield_for_dbfield(Template._meta.get_field("municipality"), request)
    assert list(field.queryset) == [town]  # type: ignore[union-attr]
    assert admin.has_change_permission(request)
    assert not admin.has_change_permission(asked_by(UserFactory(is_staff=True)))


def test_the_log_masks_addresses_and_can_only_be_read(ada: User, book: Book) -> None:
    message = book()
    admin: Any = site.get_model_admin(Message)
    request = asked_by(ada)

    assert admin.to(message) == "a…@heilbronn.example"
    assert not {"recipient", "context"} & {*admin.fields, *admin.list_display}
    assert "recipient" not in admin.search_fields
    assert not admin.has_change_permission(request)
    assert not admin.has_add_permission(request)
    assert not admin.has_delete_permission(request)


def test_failed_messages_are_sent_again_or_ticked_off(
    ada: User, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin: Any = site.get_model_admin(Message)
    told: list[str] = []
    monkeypatch.setattr(admin, "message_user", lambda _request, text, *_: told.append(str(text)))
    book("dead")
    book("lost")
    Message.objects.update(state=WorkState.DEAD)

    admin.send_again(asked_by(ada, "post"), Message.objects.filter(key="dead"))
    admin.send_again(asked_by(ada, "post"), Message.objects.filter(key="dead#2"))
    admin.tick_off(asked_by(ada, "post"), Message.objects.filter(key="lost"))

    assert set(Message.objects.values_list("key", "state")) == {
        ("dead", "cancelled"),
        ("dead#2", "pending"),
        ("lost", "cancelled"),
    }
    assert told[0] == "Erneut gesendet: 1"
    assert "noch unterwegs" in told[1]
    assert told[-1] == "Abgehakt: 1"
