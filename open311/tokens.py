"""GET tokens/{token}: the number of a request that was answered by token.

A token is the report's row and a code computed from it, so nothing is stored, and a wrong one costs
no query. It resolves once the report is released and an office is found.
"""

import re

from accounts import derived_codes
from open311.document import Document, Items
from open311.endpoint import Answer, Ask
from open311.refusals import NOT_FOUND, Refused
from reports.models import Report, Screening

PURPOSE = "open311-token"
_TOKEN = re.compile(r"([0-9a-f]{1,15})-((?:[2-9A-Z]{5}-){4}[2-9A-Z]{5})")


def token_of(report: Report) -> str:
    """The token of a report; the same for ever."""
    return f"{report.pk:x}-{derived_codes.derive(PURPOSE, report.pk)}"


def resolve(ask: Ask) -> Answer:
    """The number behind a token, or null while it is not given out yet; one query."""
    token = ask.named["token"]
    found = _TOKEN.fullmatch(token.strip())
    pk = int(found[1], 16) if found else 0
    if found is None or not derived_codes.matches(found[2], PURPOSE, pk):
        raise Refused(NOT_FOUND)
    row = Report.objects.filter(pk=pk).values_list("number", "screening", "routed_at").first()
    if row is None:
        raise Refused(NOT_FOUND)
    number, screening, routed_at = row
    is_known = screening == Screening.CLEAR and routed_at is not None
    record = {"service_request_id": number if is_known else None, "token": token.strip()}
    return Answer(Document("service_requests", Items("request", [record])), is_private=True)
