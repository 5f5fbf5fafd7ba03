"""A town says what private ground means, a category may differ; what is public follows changes."""

import django.contrib.gis.db.models.fields
import django.db.models.functions.datetime
from django.db import migrations, models

# So far only categories said it, and "hold" was what they said unless somebody chose.
AS_THE_TOWN = "UPDATE routing_category SET private_ground = '' WHERE private_ground = 'hold'"
AS_BEFORE = "UPDATE routing_category SET private_ground = 'hold' WHERE private_ground = ''"

# Noted by the database, so that nobody who changes a parcel has to think of it: files taken in,
# the administration, a command. Statement by statement, because a file brings a hundred thousand.
NOTES = """
CREATE FUNCTION routing_note_parcels() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO routing_groundcheck (municipality_id, geometry)
        SELECT municipality_id, geometry FROM later WHERE level = 'parcel';
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO routing_groundcheck (municipality_id, geometry)
        SELECT municipality_id, geometry FROM earlier WHERE level = 'parcel';
    ELSE
        INSERT INTO routing_groundcheck (municipality_id, geometry)
        SELECT side.municipality_id, side.geometry
        FROM earlier e JOIN later l USING (id), LATERAL (
            SELECT e.municipality_id, e.geometry
            UNION SELECT l.municipality_id, l.geometry) side
        WHERE 'parcel' IN (e.level, l.level) AND (
            e.geometry IS DISTINCT FROM l.geometry OR e.attributes <> l.attributes
            OR e.valid_from IS DISTINCT FROM l.valid_from
            OR e.valid_to IS DISTINCT FROM l.valid_to
            OR (e.level, e.municipality_id) <> (l.level, l.municipality_id));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER routing_parcels_added AFTER INSERT ON routing_area
    REFERENCING NEW TABLE AS later FOR EACH STATEMENT EXECUTE FUNCTION routing_note_parcels();
CREATE TRIGGER routing_parcels_changed AFTER UPDATE ON routing_area
    REFERENCING OLD TABLE AS earlier NEW TABLE AS later
    FOR EACH STATEMENT EXECUTE FUNCTION routing_note_parcels();
CREATE TRIGGER routing_parcels_removed AFTER DELETE ON routing_area
    REFERENCING OLD TABLE AS earlier FOR EACH STATEMENT EXECUTE FUNCTION routing_note_parcels();

CREATE FUNCTION routing_note_ground_rule() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'routing_category' THEN
        INSERT INTO routing_groundcheck (municipality_id, category_id)
        VALUES (NEW.municipality_id, NEW.id);
    ELSE
        INSERT INTO routing_groundcheck (municipality_id) VALUES (NEW.id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER routing_ground_rule_changed AFTER UPDATE OF private_ground ON routing_category
    FOR EACH ROW WHEN (OLD.private_ground <> NEW.private_ground)
    EXECUTE FUNCTION routing_note_ground_rule();
CREATE TRIGGER routing_ground_rule_changed AFTER UPDATE OF private_ground ON accounts_municipality
    FOR EACH ROW WHEN (OLD.private_ground <> NEW.private_ground)
    EXECUTE FUNCTION routing_note_ground_rule();
"""

NOTES_BACK = """
DROP TRIGGER routing_ground_rule_changed ON accounts_municipality;
DROP TRIGGER routing_ground_rule_changed ON routing_category;
DROP TRIGGER routing_parcels_added ON routing_area;
DROP TRIGGER routing_parcels_changed ON routing_area;
DROP TRIGGER routing_parcels_removed ON routing_area;
DROP FUNCTION routing_note_ground_rule();
DROP FUNCTION routing_note_parcels();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0015_private_ground'),
        ('routing', '0009_repeat_priority'),
    ]

    operations = [
        migrations.CreateModel(
            name='GroundCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('municipality_id', models.BigIntegerField(editable=False, verbose_name='Kommune')),
                ('category_id', models.BigIntegerField(editable=False, null=True, verbose_name='Anliegenart')),
                ('geometry', django.contrib.gis.db.models.fields.MultiPolygonField(editable=False, null=True, spatial_index=False, srid=4326, verbose_name='Fläche')),
                ('after', models.BigIntegerField(db_default=0, default=0, editable=False, verbose_name='geprüft bis')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='angelegt')),
            ],
            options={
                'verbose_name': 'Prüfung öffentlicher Orte',
                'verbose_name_plural': 'Prüfungen öffentlicher Orte',
            },
        ),
        migrations.AlterField(
            model_name='category',
            name='private_ground',
            field=models.CharField(blank=True, choices=[('', 'wie für die Kommune eingestellt'), ('hold', 'wartet auf Freigabe'), ('snap', 'rückt an die nächste Straße'), ('ignore', 'bleibt unbeachtet')], db_default='', default='', help_text='Flurstücke mit Eigentum „privat“ in den Gebieten; ohne solche ohne Wirkung.', max_length=6, verbose_name='Ort auf einem privaten Flurstück'),
        ),
        migrations.RunSQL(AS_THE_TOWN, AS_BEFORE),
        migrations.RunSQL(NOTES, NOTES_BACK),
    ]
