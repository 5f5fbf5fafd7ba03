"""Things of the inventory a report is about; areas next door; what of both strangers may see."""

import django.contrib.gis.db.models.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

# Of areas only what the map shows; parcels and their owners are nobody's business.
VIEWS = """
CREATE OR REPLACE VIEW open_data.areas AS
    SELECT a.id, m.slug AS municipality_slug, a.level, a.key, a.name, a.geometry
    FROM public.routing_area a JOIN public.accounts_municipality m ON m.id = a.municipality_id
    WHERE m.is_live AND a.level IN ('municipality', 'district', 'beat')
      AND (a.valid_from IS NULL OR a.valid_from <= current_date)
      AND (a.valid_to IS NULL OR a.valid_to >= current_date);

CREATE VIEW open_data.assets AS
    SELECT a.id, m.slug AS municipality_slug, l.code AS layer_code, l.name AS layer_name, l.one,
           l.icon, l.radius_m, a.key, a.number, a.label, a.place,
           (SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}')
            FROM jsonb_each(a.attributes) e WHERE e.key = ANY (l.public_attributes)) AS attributes,
           a.gone_since
    FROM public.routing_asset a
    JOIN public.routing_assetlayer l ON l.id = a.layer_id
    JOIN public.accounts_municipality m ON m.id = l.municipality_id
    WHERE m.is_live AND l.is_public AND l.is_active;

CREATE VIEW open_data.asset_layers AS
    SELECT l.id || '-' || c.id AS row_id, m.slug AS municipality_slug, l.code AS layer_code,
           l.name AS layer_name, l.one, l.radius_m, c.code AS category_code
    FROM public.routing_assetlayer l
    JOIN public.accounts_municipality m ON m.id = l.municipality_id
    JOIN public.routing_assetlayer_categories lc ON lc.assetlayer_id = l.id
    JOIN public.routing_category c ON c.id = lc.category_id AND c.municipality_id = m.id
    WHERE m.is_live AND l.is_public AND l.is_active;

CREATE VIEW open_data.report_assets AS
    SELECT number, municipality_slug, assets FROM public.published_report WHERE assets <> '[]';

CREATE INDEX published_assets ON published_report USING gin (assets jsonb_path_ops);
"""
NO_VIEWS = """
DROP INDEX published_assets;
DROP VIEW open_data.report_assets;
DROP VIEW open_data.asset_layers;
DROP VIEW open_data.assets;
"""


def grant(apps, schema_editor):
    """The public reader may read the three views."""
    public = schema_editor.quote_name(settings.DB_USERS["public"])
    for view in ("assets", "asset_layers", "report_assets"):
        schema_editor.execute(f"GRANT SELECT ON open_data.{view} TO {public}")


class Migration(migrations.Migration):

    dependencies = [
        ('reports', '0020_rights_and_filing'),
        ('routing', '0007_assets'),
    ]

    operations = [
        migrations.CreateModel(
            name='PublicAsset',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('municipality_slug', models.CharField(max_length=40)),
                ('layer_code', models.CharField(max_length=40)),
                ('layer_name', models.CharField(max_length=80)),
                ('one', models.CharField(max_length=60)),
                ('icon', models.CharField(max_length=40)),
                ('radius_m', models.PositiveSmallIntegerField()),
                ('key', models.CharField(max_length=80)),
                ('number', models.CharField(max_length=80)),
                ('label', models.CharField(max_length=160)),
                ('place', django.contrib.gis.db.models.fields.PointField(srid=4326)),
                ('attributes', models.JSONField()),
                ('gone_since', models.DateField(null=True)),
            ],
            options={
                'db_table': 'assets',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='PublicAssetLayer',
            fields=[
                ('row_id', models.CharField(max_length=120, primary_key=True, serialize=False)),
                ('municipality_slug', models.CharField(max_length=40)),
                ('layer_code', models.CharField(max_length=40)),
                ('layer_name', models.CharField(max_length=80)),
                ('one', models.CharField(max_length=60)),
                ('radius_m', models.PositiveSmallIntegerField()),
                ('category_code', models.CharField(max_length=60)),
            ],
            options={
                'db_table': 'asset_layers',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='PublicReportAssets',
            fields=[
                ('number', models.CharField(max_length=24, primary_key=True, serialize=False)),
                ('municipality_slug', models.CharField(max_length=40)),
                ('assets', models.JSONField()),
            ],
            options={
                'db_table': 'report_assets',
                'managed': False,
            },
        ),
        migrations.AddField(
            model_name='publishedreport',
            name='assets',
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.AddField(
            model_name='routingdecision',
            name='near_boundary',
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.CreateModel(
            name='NamedAsset',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('named_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='routing.asset')),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='named_assets', to='reports.report')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('report', 'asset'), name='named_asset_once')],
            },
        ),
        migrations.RunSQL(VIEWS, NO_VIEWS),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
