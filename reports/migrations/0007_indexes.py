"""Indexes Django cannot say as they are meant."""

import django.contrib.postgres.indexes
from django.db import migrations, models

# For a geometry Django leaves the condition of an index out of the statement, so it would hold a
# million closed cases as well and be passed over or read in vain
# (tests/architecture/test_indexes.py).
OPEN_PLACES = """
CREATE INDEX report_open_place ON reports_report USING gist (place)
    WHERE status IN ('in_progress', 'received', 'waiting') AND screening = 'clear';
"""

ASSETS = """
CREATE INDEX published_assets ON published_report USING gin (assets jsonb_path_ops);
"""


class Migration(migrations.Migration):
    replaces = [
        ("reports", "0021_assets_and_boundaries"),
        ("reports", "0036_open_places_alone"),
    ]
    dependencies = [("reports", "0006_open_data_views")]
    operations = [
        migrations.RunSQL(
            OPEN_PLACES,
            "DROP INDEX report_open_place;",
            state_operations=[
                migrations.AddIndex(
                    "report",
                    django.contrib.postgres.indexes.GistIndex(
                        condition=models.Q(
                            ("screening", "clear"),
                            ("status__in", ["in_progress", "received", "waiting"]),
                        ),
                        fields=["place"],
                        name="report_open_place",
                    ),
                ),
            ],
        ),
        migrations.RunSQL(ASSETS, "DROP INDEX published_assets;"),
    ]
