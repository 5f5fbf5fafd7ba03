"""Keys for partner systems (Open311), so that others' clients can be tried on the demo at once."""

from accounts.api_clients import issue_token
from accounts.models import ApiClient, RateClass

NAME, TEST_NAME = "Vorführung: Partnersystem", "Vorführung: Testschlüssel"


def partner_access(base_url: str) -> dict[str, str]:
    """Addresses and fresh keys for all demo towns; keys of an earlier play no longer work."""
    ApiClient.objects.filter(name__in=[NAME, TEST_NAME]).update(is_active=False)
    _client, key = issue_token(
        name=NAME,
        municipality=None,
        rate_class=RateClass.TRUSTED,
        may_post_updates=True,
        may_post_bulk=True,
    )
    _client, test_key = issue_token(
        name=TEST_NAME,
        municipality=None,
        rate_class=RateClass.STANDARD,
        is_test_only=True,
        may_post_updates=True,
        may_post_bulk=True,
    )
    return {
        "open311_key": key,
        "open311_test_key": test_key,
        "open311_discovery": f"{base_url.rstrip('/')}/open311/discovery.xml",
    }
