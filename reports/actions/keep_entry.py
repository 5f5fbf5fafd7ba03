"""Keep what a member of staff has typed and not yet sent, for that person and nobody else."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection

from reports.desk_entry import EntryDraft
from reports.policies import Staff

LONGEST_KEY = 64
MOST_FIELDS, LONGEST_VALUE = 80, 4000

_KEEP = """
    INSERT INTO reports_entrydraft (user_id, municipality_id, form_key, "values", updated_at)
    VALUES (%s, %s, %s, %s::jsonb, %s)
    ON CONFLICT (user_id, form_key) DO UPDATE
        SET "values" = excluded."values", updated_at = excluded.updated_at
        WHERE reports_entrydraft.municipality_id = excluded.municipality_id
"""


class EntryUnfit(ValueError):
    """This is no form of ours: too many fields, too long words, no key."""


def keep_entry(
    staff: Staff, form_key: str, values: Mapping[str, Sequence[str]], *, now: datetime
) -> None:
    """Keep the fields of a form as they stand now. Raises EntryUnfit."""
    is_sound = 0 < len(form_key) <= LONGEST_KEY and len(values) <= MOST_FIELDS
    if not is_sound or any(len(word) > LONGEST_VALUE for name in values for word in values[name]):
        raise EntryUnfit
    kept = {name: list(words) for name, words in values.items() if any(words)}
    with connection.cursor() as cursor:
        cursor.execute(
            _KEEP, [staff.user_id, staff.municipality_id, form_key, json.dumps(kept), now]
        )


def forget_entry(staff: Staff, form_key: str) -> None:
    """Delete what was kept: it was sent, or thrown away."""
    EntryDraft.objects.filter(user_id=staff.user_id, form_key=form_key).delete()
