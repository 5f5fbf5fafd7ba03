"""What is public follows changes of private ground and of what a town makes of it."""

from django.db import migrations

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
    replaces = [("routing", "0010_ground_checks")]
    dependencies = [("routing", "0002_one_town")]
    operations = [migrations.RunSQL(NOTES, NOTES_BACK)]
