"""What a town takes reports on, as everybody may know it: pages and GeoReport read it there."""

import django.contrib.postgres.fields
from django.conf import settings
from django.db import migrations, models

VIEW = """
CREATE VIEW open_data.services AS
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
                    '[]') AS questions
    FROM public.routing_category c
    JOIN public.accounts_municipality m ON m.id = c.municipality_id
    LEFT JOIN public.routing_category g ON g.id = c.parent_id
    WHERE m.is_live AND c.is_active AND coalesce(g.is_active, true);
"""


def grant(apps, schema_editor):
    """The public reader may read the view."""
    public = schema_editor.quote_name(settings.DB_USERS["public"])
    schema_editor.execute(f"GRANT SELECT ON open_data.services TO {public}")


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0029_incident_clock"),
        ("routing", "0004_word_topics_and_richer_questions"),
    ]
    operations = [
        migrations.CreateModel(
            name="PublicService",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("municipality_slug", models.CharField(max_length=40)),
                ("parent_id", models.BigIntegerField(null=True)),
                ("code", models.CharField(max_length=60)),
                ("name", models.CharField(max_length=100)),
                ("explanation", models.CharField(max_length=400)),
                (
                    "keywords",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=120), size=None
                    ),
                ),
                ("icon", models.CharField(max_length=40)),
                ("publication_policy", models.CharField(max_length=16)),
                ("sort_order", models.PositiveSmallIntegerField()),
                ("is_group", models.BooleanField()),
                ("translations", models.JSONField()),
                ("questions", models.JSONField()),
            ],
            options={"db_table": "services", "managed": False},
        ),
        migrations.RunSQL(VIEW, "DROP VIEW open_data.services;"),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
