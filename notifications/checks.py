"""System checks: settings that would quietly make mails late or double stop the start."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from notifications.delivery import RECORDING_SHARE
from notifications.events import EVENTS, Audience
from notifications.wording import FOLDER, LANGUAGES


def check_lease(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:
    """A lease must outlast the wait for the relay's answer, or no mail would ever be sent."""
    lease = settings.LEASE_SECONDS["message"]
    if lease * (1 - RECORDING_SHARE) > settings.SMTP_DATA_TIMEOUT_SECONDS:
        return []
    return [
        Error(
            f"ANLIEGEN_MESSAGE_LEASE ({lease} s) is too short for ANLIEGEN_SMTP_DATA_TIMEOUT"
            f" ({settings.SMTP_DATA_TIMEOUT_SECONDS} s).",
            hint="Make the lease at least three times as long.",
            id="notifications.E001",
        )
    ]


def check_texts(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:
    """Every event has a text in every language, and every audience a footer."""
    wanted = [*EVENTS, *(f"footer_{audience}" for audience in Audience)]
    return [
        Error(f"The text {language}/{name}.txt is missing.", id="notifications.E002")
        for language in LANGUAGES
        for name in wanted
        if not (FOLDER / language / f"{name}.txt").is_file()
    ]
