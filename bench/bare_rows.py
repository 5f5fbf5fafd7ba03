"""The rows of one text report, written by raw SQL: the limit `bench.intake` measures against.

The statements name every column a real report fills; nothing is judged, nothing is derived.
"""

import json
import secrets
import uuid
from collections.abc import Callable
from typing import Any, Protocol

TABLES = (
    "reports_report",
    "reports_submission",
    "reports_contact",
    "reports_timelineentry",
    "reports_effect",
    "reports_idempotencyrecord",
    "notifications_message",
)


class Cursor(Protocol):
    """What psycopg's and Django's cursors have in common."""

    def execute(self, query: str, params: Any = None) -> Any:
        """Run one statement."""

    def fetchone(self) -> Any:
        """The next row of its answer."""


_REPORT = """
    INSERT INTO reports_report
        (municipality_id, number, secret_version, source, language, place, accuracy_m,
         place_chosen_by, category_id, office_chosen_by_hand, status, reopened_count,
         handover_count, return_count, screening, is_danger, is_confidential, publication,
         text_publication, version, publication_revision, received_at, updated_at)
    VALUES (%s, %s, 1, 'app', 'de', ST_SetSRID(ST_MakePoint(%s, %s), 4326), NULL, 'map', %s,
            false, 'received', 0, 0, 0, 'clear', false, false, 'approved', 'pending', 1, 1,
            now(), now())
    RETURNING id
"""
_SUBMISSION = """
    INSERT INTO reports_submission (report_id, description, public_text, address, answers)
    VALUES (%s, %s, '', '', %s)
"""
_CONTACT = """
    INSERT INTO reports_contact
        (report_id, name, email, phone, confirm_until, confirm_version)
    VALUES (%s, '', %s, '', now() + interval '48 hours', 1)
"""
_TIMELINE = """
    INSERT INTO reports_timelineentry
        (report_id, seq, kind, at, actor_kind, is_public, data, remark_hash, prev_hash, row_hash)
    VALUES (%s, 0, 'received', now(), 'citizen', true, %s, '', '', '')
"""
_EFFECT = """
    INSERT INTO reports_effect (report_id, kind, version, lane, state, attempts, next_at,
                                last_error, created_at)
    VALUES (%s, 'route', 1, 'citizen', 'pending', 0, now(), '', now())
"""
_MESSAGE = """
    INSERT INTO notifications_message
        (municipality_id, key, channel, event, subject_ref, language, recipient, context,
         message_id, lane, state, attempts, next_at, last_error, created_at)
    VALUES (%s, %s, 'email', 'report_received', %s, 'de', %s, '{}', %s, 'citizen', 'pending', 0,
            now(), '', now())
"""
_KEY = """
    INSERT INTO reports_idempotencyrecord
        (endpoint, key_hash, fingerprint, outcome, created_at, report_id)
    VALUES ('bare', %s, %s, '{}', now(), %s)
"""


def write_report(cursor: Cursor, body: dict[str, Any], town: int, category: int) -> str:
    """Write all rows of one report inside the caller's transaction; returns its number."""
    cursor.execute("SELECT reports_next_number(%s, 2026)", [town])
    number = f"HN-2026-{cursor.fetchone()[0]:06d}"
    cursor.execute(_REPORT, [town, number, body["lon"], body["lat"], category])
    report = cursor.fetchone()[0]
    cursor.execute(
        _SUBMISSION, [report, body["description"], json.dumps(body.get("answers") or {})]
    )
    cursor.execute(_CONTACT, [report, body["email"]])
    cursor.execute(_TIMELINE, [report, '{"source": "app", "photos": 0}'])
    cursor.execute(_EFFECT, [report])
    cursor.execute(
        _MESSAGE, [town, f"bare:{number}", number, body["email"], f"{uuid.uuid4()}@bench.example"]
    )
    cursor.execute(_KEY, [secrets.token_hex(32), secrets.token_hex(32), report])
    return number


def count_rows(execute: Callable[[str], Any]) -> dict[str, int]:
    """Rows in each table a report writes to."""
    return {table: int(execute(f"SELECT count(*) FROM {table}")) for table in TABLES}
