"""What `make demo` writes down for those who sign in to look around."""

import pytest

from accounts.models import Role
from demo.play import logins
from tests.factories import RoleFactory
from tests.people import Town

pytestmark = pytest.mark.django_db


def test_whoever_is_asked_for_a_code_finds_its_secret(heilbronn: Town) -> None:
    RoleFactory(municipality=heilbronn.municipality, role=Role.PRIVACY)

    found = logins()[heilbronn.slug]

    assert {role for role, entry in found.items() if "totp_secret" in entry} == {
        Role.ADMIN,
        Role.PRIVACY,
    }
