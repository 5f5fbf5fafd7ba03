"""What is published and should not be: the published table compared with the decisions behind it.

Whatever was decided within the last minutes may still be on its way and counts for nothing.
"""

from collections.abc import Iterator

from django.db import connection

SETTLES_MINUTES = 5
_STILL_OWED = f"""
    EXISTS (SELECT FROM reports_effect e WHERE e.report_id = r.id AND e.kind = 'publish'
        AND e.state IN ('pending', 'leased', 'uncertain')
        AND e.created_at > now() - interval '{SETTLES_MINUTES} minutes')
"""
# Each statement names the numbers of published reports of one town, and says what is wrong.
_STATEMENTS = {
    "unapproved_report": """
        SELECT p.number FROM published_report p
        LEFT JOIN reports_report r ON r.number = p.number
        LEFT JOIN routing_category c ON c.id = r.category_id
        WHERE p.municipality_slug = (SELECT slug FROM accounts_municipality WHERE id = %s)
          AND (r.id IS NULL OR r.publication <> 'approved' OR r.screening <> 'clear'
               OR r.is_confidential OR r.status = 'withdrawn'
               OR 'never' IN (c.publication_policy, r.narrowed_policy))
    """,
    "unapproved_text": """
        SELECT p.number FROM published_report p
        JOIN reports_report r ON r.number = p.number
        LEFT JOIN reports_submission s ON s.report_id = r.id
        WHERE r.municipality_id = %s AND p.text <> ''
          AND (r.text_publication <> 'approved'
               OR p.text <> coalesce(nullif(s.public_text, ''), s.description, ''))
    """,
    "unapproved_photo": """
        SELECT DISTINCT r.number FROM published_photo f
        JOIN reports_report r ON r.number = f.number
        LEFT JOIN reports_photo o ON o.report_id = r.id AND o.ordinal = f.ordinal
        WHERE r.municipality_id = %s
          AND (o.id IS NULL OR o.publication <> 'approved' OR o.masked_version <> o.masks_version)
    """,
}


def unapproved(town_id: int) -> Iterator[tuple[str, str]]:
    """Number and kind of what a town shows without anybody's approval. Three queries."""
    for kind, statement in _STATEMENTS.items():
        owed = f"EXISTS (SELECT FROM reports_report r WHERE r.number = f.number AND {_STILL_OWED})"
        with connection.cursor() as cursor:
            # Put together from the words above; the town is a parameter.
            found = f"SELECT f.number FROM ({statement}) f WHERE NOT {owed}"  # noqa: S608
            cursor.execute(found, [town_id])
            for (number,) in cursor.fetchall():
                yield number, kind
