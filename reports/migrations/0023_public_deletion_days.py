"""The privacy page tells how long what is kept, read with the public role."""

from django.conf import settings
from django.db import migrations, models

# Without a class of its own a town has the shipped days (reports/retention.py).
VIEW = """
CREATE VIEW open_data.deletion_days AS
    SELECT m.slug AS municipality_slug,
           coalesce(c.contact_days, 90) AS contact_days,
           coalesce(c.original_days, 180) AS original_days,
           coalesce(c.public_days, 365) AS public_days,
           coalesce(c.case_days, 730) AS case_days
    FROM public.accounts_municipality m
    LEFT JOIN public.reports_deletionclass c ON c.municipality_id = m.id AND c.is_standard
    WHERE m.is_live;
"""


def grant(apps, schema_editor):
    """The public reader may read the view."""
    public = schema_editor.quote_name(settings.DB_USERS["public"])
    schema_editor.execute(f"GRANT SELECT ON open_data.deletion_days TO {public}")


class Migration(migrations.Migration):
    dependencies = [("reports", "0022_effects_of_rules")]
    operations = [
        migrations.CreateModel(
            name="PublicDeletionDays",
            fields=[
                (
                    "municipality_slug",
                    models.CharField(max_length=40, primary_key=True, serialize=False),
                ),
                ("contact_days", models.PositiveIntegerField()),
                ("original_days", models.PositiveIntegerField()),
                ("public_days", models.PositiveIntegerField()),
                ("case_days", models.PositiveIntegerField()),
            ],
            options={"db_table": "deletion_days", "managed": False},
        ),
        migrations.RunSQL(VIEW, "DROP VIEW open_data.deletion_days;"),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
