"""Areas of today are those of the town's today: the database's own day is that of UTC."""

from django.db import migrations

AREAS = """
CREATE OR REPLACE VIEW open_data.areas AS
    SELECT a.id, m.slug AS municipality_slug, a.level, a.key, a.name, a.geometry
    FROM public.routing_area a JOIN public.accounts_municipality m ON m.id = a.municipality_id
    WHERE m.is_live AND a.level IN ('municipality', 'district', 'beat')
      AND (a.valid_from IS NULL OR a.valid_from <= {today})
      AND (a.valid_to IS NULL OR a.valid_to >= {today});
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0007_indexes")]
    operations = [
        migrations.RunSQL(
            AREAS.format(today="(now() AT TIME ZONE m.time_zone)::date"),
            AREAS.format(today="current_date"),
        ),
    ]
