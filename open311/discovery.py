"""Service discovery: where the endpoints are, in which formats, whom to ask for a key."""

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import Municipality
from open311.addresses import absolute
from open311.document import CONTENT_TYPES, Document, Items
from open311.endpoint import Answer, Ask

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
# When what is offered here was changed last; a day in the past, with its zone.
CHANGESET = "2026-11-01T00:00:00+01:00"


def discovery(ask: Ask) -> Answer:
    """GET discovery: no jurisdiction needed; on a town's own addresses that town's contact."""
    town: Municipality | None = getattr(ask.request, "town", None)
    contact = town.contact_email if town else f"open311@{settings.MAIL_FROM_DOMAIN}"
    content = {
        "changeset": CHANGESET,
        "contact": contact,
        "key_service": _("Schlüssel für POST vergibt die Kommune: %(contact)s")
        % {"contact": contact},
        "endpoints": Items(
            "endpoint",
            [
                _endpoint(ask, "open311:services", "production"),
                _endpoint(ask, "open311_test:services", "test"),
            ],
        ),
    }
    return Answer(Document("discovery", content))


def _endpoint(ask: Ask, name: str, kind: str) -> dict[str, object]:
    services = absolute(ask.request, name, suffix="xml")
    return {
        "specification": SPECIFICATION,
        "url": services.removesuffix("/services.xml"),
        "changeset": CHANGESET,
        "type": kind,
        "formats": Items("format", [kind.partition(";")[0] for kind in CONTENT_TYPES.values()]),
    }
