"""No address of the desk is open by accident."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from staff_desk import urls
from staff_desk.access import access_of, desk_path

EXAMPLES = {
    "number": "HN-2026-000001",
    "verb": "uebernehmen",
    "ordinal": 1,
    "size": 320,
    "image_format": "webp",
    "mail_id": 1,
    "request_id": 1,
    "handover_id": 1,
    "task_id": 1,
    "alert_id": 1,
    "absence_id": 1,
    "change_id": 1,
    "incident_id": 1,
    "passing_id": 1,
    "report_id": 1,
    "rule_id": 1,
    "set_id": 1,
    "key": "a/1",
    "kind": "mail",
    "layer": "lamps",
    "other": "HN-2026-000002",
}


def desk_addresses():
    """(name, address) of every page of the desk."""
    for pattern in urls.urlpatterns:
        kwargs = {name: EXAMPLES[name] for name in pattern.pattern.converters}
        yield pattern.name, reverse(f"staff_desk:{pattern.name}", kwargs=kwargs)


def test_only_the_login_and_the_link_of_an_alarm_are_for_everybody():
    open_pages = {
        pattern.name for pattern in urls.urlpatterns if access_of(pattern.callback) == "everybody"
    }

    # The link in an alarm carries a code of its own that works once.
    assert open_pages == {"login", "login_code", "alarm"}


def test_every_other_page_is_for_staff():
    for pattern in urls.urlpatterns:
        assert access_of(pattern.callback) in {"staff", "everybody"}, pattern.name


def test_a_view_that_says_nothing_cannot_get_an_address():
    def forgotten(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    with pytest.raises(ImproperlyConfigured):
        desk_path("vergessen/", forgotten, "forgotten")
