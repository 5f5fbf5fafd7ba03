"""Who else is affected: supporters of a case and of its duplicates, and who reported those.

A duplicate counts on the leading case, and its people hear of that. A leading case may become a
duplicate itself, so the whole chain is followed.
"""

import hashlib
import hmac

from django.conf import settings
from django.db import connection

from reports.models import Effect, Report, Source
from reports.owed import owe
from reports.participation import Support

# UNION, not UNION ALL: a ring, which no rule allows, would end as well.
_FAMILY = """
    WITH RECURSIVE family(id) AS (
        SELECT %s::bigint
        UNION SELECT r.id FROM reports_report r JOIN family f ON r.leading_id = f.id
    ) SELECT id FROM family
"""
_COUNT = f"""
    SELECT count(DISTINCT person_hash) FROM reports_support
    WHERE confirmed_at IS NOT NULL AND report_id IN ({_FAMILY})
"""  # noqa: S608 - made of constants
_LEADING = """
    WITH RECURSIVE chain(id, leading_id) AS (
        SELECT id, leading_id FROM reports_report WHERE id = %s
        UNION SELECT r.id, r.leading_id FROM reports_report r JOIN chain c ON r.id = c.leading_id
    ) SELECT id FROM chain WHERE leading_id IS NULL
"""


def family_of(report_id: int) -> list[int]:
    """The ids of a case and of everything that leads to it. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_FAMILY, [report_id])
        return [row[0] for row in cursor.fetchall()]


def leading_case(report_id: int) -> int:
    """The id of the case at the end of the chain; a case that is no duplicate leads itself."""
    with connection.cursor() as cursor:
        cursor.execute(_LEADING, [report_id])
        row = cursor.fetchone()
    return row[0] if row else report_id


def count_supports(report_id: int) -> int:
    """How many people say that a case affects them as well, each once. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [report_id])
        count: int = cursor.fetchone()[0]
    return count


def owe_news_to_others(report: Report) -> None:
    """Book, in the transaction of a change, that others hear of it; nothing where nobody is."""
    duplicates = Report.objects.filter(leading=report)
    others = Support.objects.filter(report=report, confirmed_at__isnull=False).exclude(email="")
    if duplicates.exists() or others.exists():
        owe(report, Effect.Kind.TELL_OTHERS, version=report.version)


def owe_word_back(report: Report) -> None:
    """Book that the town a case came from hears of a change; nothing for all other cases."""
    if report.source == Source.NEIGHBOUR:
        owe(report, Effect.Kind.REPORT_BACK, version=report.version)


def hash_of_person(kind: str, words: str) -> str:
    """What tells an address ("email") or a device ("device") again, without naming it."""
    message = f"support:{kind}:{words}".encode()
    return hmac.new(settings.RECEIPT_KEY, message, hashlib.sha256).hexdigest()
