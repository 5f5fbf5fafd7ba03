"""How near two reports of a kind mean the same: what is known nearby is asked as everybody."""

from django.conf import settings
from django.db import migrations

AS_SELECT = """ open_data.services AS
    SELECT c.id, m.slug AS municipality_slug, c.parent_id, c.code, c.name,
           c.description AS explanation, c.keywords, c.icon, c.publication_policy, c.sort_order,
           EXISTS (SELECT FROM public.routing_category b WHERE b.parent_id = c.id) AS is_group,
           coalesce((SELECT jsonb_object_agg(t.language, jsonb_build_object(
                        'name', t.name, 'explanation', t.description))
                     FROM public.routing_categorytranslation t WHERE t.category_id = c.id),
                    '{}') AS translations,
           coalesce((SELECT jsonb_agg(jsonb_build_object(
                        'code', q.code, 'datatype', q.datatype, 'is_required', q.is_required,
                        'is_confidential', q.is_confidential, 'text', q.text,
                        'help_text', q.help_text, 'options', q.options, 'condition', q.condition,
                        'minimum', q.minimum, 'maximum', q.maximum, 'unit', q.unit,
                        'date_range', q.date_range, 'length_limit', q.length_limit,
                        'translations', q.translations) ORDER BY q."order", q.id)
                     FROM public.routing_question q WHERE q.category_id = c.id),
                    '[]') AS questions"""
FROM = """
    FROM public.routing_category c
    JOIN public.accounts_municipality m ON m.id = c.municipality_id
    LEFT JOIN public.routing_category g ON g.id = c.parent_id
    WHERE m.is_live AND c.is_active AND coalesce(g.is_active, true);
"""
NEAR = ", c.duplicate_radius_m, c.public_grid_m"
VIEW = f"CREATE OR REPLACE VIEW{AS_SELECT}{NEAR}{FROM}"
# A view loses columns only by being made anew.
BEFORE = f"DROP VIEW open_data.services; CREATE VIEW{AS_SELECT}{FROM}"


def grant(apps, schema_editor):
    """The older view is a new one."""
    public = schema_editor.quote_name(settings.DB_USERS["public"])
    schema_editor.execute(f"GRANT SELECT ON open_data.services TO {public}")


class Migration(migrations.Migration):
    dependencies = [("reports", "0034_who_looks"), ("routing", "0010_ground_checks")]
    operations = [
        migrations.RunPython(migrations.RunPython.noop, grant),
        migrations.RunSQL(VIEW, BEFORE),
    ]
