"""Bring public rows in line with what the administration has changed since.

Policies, grids and names belong to categories, offices and districts, whose administration knows
nothing of reports. So the public table is compared with them regularly.
"""

from django.db import connection, transaction

from leases.models import Lane
from reports.actions.publish import republish
from reports.actors import SYSTEM
from reports.history import record
from reports.models import Publication, Report
from reports.publication import policy_of
from routing.models import PublicationPolicy

BATCH = 500

_OUTDATED = """
    FROM published_report p
    JOIN reports_report r ON r.number = p.number
    JOIN accounts_municipality m ON m.id = r.municipality_id
    JOIN routing_category c ON c.id = r.category_id
    LEFT JOIN routing_category g ON g.id = c.parent_id
    LEFT JOIN accounts_office o ON o.id = r.office_id
    LEFT JOIN routing_area d ON d.id = r.district_id
    WHERE (r.publication <> 'approved' OR r.screening <> 'clear' OR r.is_confidential
           OR r.status <> p.status OR 'never' IN (c.publication_policy, r.narrowed_policy)
           OR ('coarse' IN (c.publication_policy, r.narrowed_policy))
              <> (p.time_precision = 'month')
           OR p.precision_m <> CASE WHEN r.narrowed_policy = 'coarse'
                                THEN greatest(c.public_grid_m, 250) ELSE c.public_grid_m END
           OR p.category_code <> c.code OR p.category_name <> c.name
           OR p.group_name <> coalesce(g.name, '')
           OR p.office_name <> coalesce(o.name, '')
           OR p.district <> coalesce(d.name, '')
           OR p.municipality_slug <> m.slug)
      AND NOT EXISTS (
          SELECT FROM reports_effect e WHERE e.report_id = r.id AND e.kind = 'publish'
             AND (e.state IN ('pending', 'leased', 'uncertain')
                  -- Given up just now: one dead row is alarm enough.
                  OR (e.state = 'dead' AND e.version = r.publication_revision)))
"""


def align_published() -> int:
    """Book a new publication of reports whose public row is outdated; returns how many.

    What is left beyond one batch follows with the next turn.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT r.id {_OUTDATED} LIMIT {BATCH}")
        outdated = [row[0] for row in cursor.fetchall()]
    for report_id in outdated:
        _align(report_id)
    return len(outdated)


def _align(report_id: int) -> None:
    with transaction.atomic():
        reports = Report.objects.select_for_update(no_key=True, of=("self",))
        report = reports.select_related("category").get(pk=report_id)
        never = policy_of(report) == PublicationPolicy.NEVER
        if never and report.publication != Publication.WITHHELD:
            # Should the policy be widened again, a person looks before it is public again.
            report.publication = Publication.WITHHELD
            report.save(update_fields=["publication"])
            record(report, "moderated", by=SYSTEM, case=report.publication.value)
        republish(report, lane=Lane.BULK)


def count_outdated() -> int:
    """Public rows that differ from what they should be while nobody is about to change them."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {_OUTDATED}")
        count: int = cursor.fetchone()[0]
    return count
