"""The phone every API story starts with."""

import pytest
from django.conf import settings

from tests.api.client import Phone


@pytest.fixture(autouse=True, scope="session")
def _folder_of_static_files() -> None:
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)


@pytest.fixture
def phone(db: None) -> Phone:
    """An app without a token."""
    return Phone()
