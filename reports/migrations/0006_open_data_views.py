"""The schema open_data: the only thing the public reader's role can see.

A column is public when, and only when, it is named in a view here or in a later migration.
"""

from django.conf import settings
from django.db import connection, migrations

TOWNS = """
CREATE SCHEMA open_data;

CREATE VIEW open_data.municipalities AS
    SELECT slug, name, official_name, state, host_name, coverage, center, contact_email,
           contact_phone, website, emergency_contact, time_zone, tile_url, tile_attribution,
           licence, pages, attribution, contributor
    FROM public.accounts_municipality WHERE is_live;

-- Only what the map shows; parcels and their owners are nobody's business.
CREATE VIEW open_data.areas AS
    SELECT a.id, m.slug AS municipality_slug, a.level, a.key, a.name, a.geometry
    FROM public.routing_area a JOIN public.accounts_municipality m ON m.id = a.municipality_id
    WHERE m.is_live AND a.level IN ('municipality', 'district', 'beat')
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

-- What a town takes reports on: pages and GeoReport read it here. And how near two reports of a
-- kind mean the same: what is known nearby is asked as everybody.
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
                    '[]') AS questions,
           c.duplicate_radius_m, c.public_grid_m
    FROM public.routing_category c
    JOIN public.accounts_municipality m ON m.id = c.municipality_id
    LEFT JOIN public.routing_category g ON g.id = c.parent_id
    WHERE m.is_live AND c.is_active AND coalesce(g.is_active, true);

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

-- The privacy page tells how long what is kept. Without a class of its own a town has the shipped
-- days (reports/retention.py).
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

# New columns can only be added at the end of a view; it loses columns only by being made anew.
CASES = """
CREATE VIEW open_data.reports AS
    SELECT number, municipality_slug, category_code, category_name, group_name, status,
           closing_reason, received_at, updated_at, closed_at, place, precision_m, time_precision,
           district, office_name, text, answer, first_answer_hours, completion_hours, published_at,
           supports, change, photo_names
    FROM public.published_report;

CREATE VIEW open_data.photos AS
    SELECT name, number, ordinal, size, format, width, height FROM public.published_photo;

CREATE VIEW open_data.removed AS
    SELECT number, municipality_slug, removed_at, change FROM public.published_tombstone;

CREATE VIEW open_data.updates AS
    SELECT u.number || '-' || u.seq AS update_id, u.number, p.municipality_slug, u.seq, u.kind,
           u.status, u.closing_reason, u.waiting_for, u.text, u.visible_at
    FROM public.published_update u JOIN public.published_report p ON p.number = u.number;

CREATE VIEW open_data.attributes AS
    SELECT number, attributes FROM public.published_report WHERE attributes <> '[]';

CREATE VIEW open_data.report_assets AS
    SELECT number, municipality_slug, assets FROM public.published_report WHERE assets <> '[]';

CREATE VIEW open_data.incidents AS
    SELECT id, municipality_slug, title, category_code, category_name, office_name, is_running,
           started_at, ended_at, updated_at, reports, news, shape, join_number
    FROM public.published_incident;
"""

# The public reader may read these views and nothing else.
PUBLIC = connection.ops.quote_name(settings.DB_USERS["public"])
RIGHTS = f"""
GRANT USAGE ON SCHEMA open_data TO {PUBLIC};
GRANT SELECT ON ALL TABLES IN SCHEMA open_data TO {PUBLIC};
"""


class Migration(migrations.Migration):
    replaces = [
        ("reports", "0003_open_data_views"),
        ("reports", "0010_open311"),
        ("reports", "0023_public_deletion_days"),
        ("reports", "0026_incidents"),
        ("reports", "0029_incident_clock"),
        ("reports", "0030_public_services"),
        ("reports", "0035_how_near_is_the_same"),
    ]
    dependencies = [("reports", "0005_order_of_changes")]
    operations = [
        migrations.RunSQL(TOWNS, "DROP SCHEMA open_data CASCADE;"),
        migrations.RunSQL(CASES, migrations.RunSQL.noop),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
