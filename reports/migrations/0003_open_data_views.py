"""The schema open_data: the only thing the public reader's role can see.

A column is public when, and only when, it is named in a view here or in a later migration.
"""

from django.conf import settings
from django.db import migrations

VIEWS = """
CREATE SCHEMA open_data;

CREATE VIEW open_data.reports AS
    SELECT number, municipality_slug, category_code, category_name, group_name, status,
           closing_reason, received_at, updated_at, closed_at, place, precision_m, time_precision,
           district, office_name, text, answer, first_answer_hours, completion_hours, published_at
    FROM public.published_report;

CREATE VIEW open_data.photos AS
    SELECT name, number, ordinal, size, format, width, height FROM public.published_photo;

CREATE VIEW open_data.removed AS
    SELECT number, municipality_slug, removed_at FROM public.published_tombstone;

CREATE VIEW open_data.municipalities AS
    SELECT slug, name, official_name, state, host_name, coverage, center, contact_email,
           contact_phone, website, emergency_contact, time_zone, tile_url, tile_attribution,
           licence, pages
    FROM public.accounts_municipality WHERE is_live;

CREATE VIEW open_data.areas AS
    SELECT a.id, m.slug AS municipality_slug, a.level, a.key, a.name, a.geometry
    FROM public.routing_area a JOIN public.accounts_municipality m ON m.id = a.municipality_id
    WHERE m.is_live
      AND (a.valid_from IS NULL OR a.valid_from <= current_date)
      AND (a.valid_to IS NULL OR a.valid_to >= current_date);

CREATE VIEW open_data.categories AS
    SELECT c.id, m.slug AS municipality_slug, c.code, c.name, coalesce(t.name, c.name) AS name_en,
           g.code AS group_code, g.name AS group_name, c.icon, c.publication_policy
    FROM public.routing_category c
    JOIN public.routing_category g ON g.id = c.parent_id
    JOIN public.accounts_municipality m ON m.id = c.municipality_id
    LEFT JOIN public.routing_categorytranslation t ON t.category_id = c.id AND t.language = 'en'
    WHERE m.is_live AND c.publication_policy <> 'never';
"""


def grant(apps, schema_editor):
    """The public reader may read these views and nothing else."""
    public = schema_editor.quote_name(settings.DB_USERS["public"])
    schema_editor.execute(f"GRANT USAGE ON SCHEMA open_data TO {public}")
    schema_editor.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA open_data TO {public}")


class Migration(migrations.Migration):
    dependencies = [("reports", "0002_guards")]
    operations = [
        migrations.RunSQL(VIEWS, "DROP SCHEMA open_data CASCADE;"),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
