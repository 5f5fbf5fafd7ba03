"""Every public row knows its place in the order of changes; what goes leaves a tombstone."""

from django.db import migrations

# Whoever reads changes remembers the last number seen, so a smaller one must never turn up later.
# A number drawn from a sequence may be committed after a larger one; therefore those who change
# public rows of one town take turns from drawing it to their commit.
TURNS = """
CREATE SEQUENCE published_change_seq;

CREATE FUNCTION published_take_turn() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7104202, hashtext(NEW.municipality_slug));
    NEW.change := nextval('published_change_seq');
    RETURN NEW;
END $$;
CREATE TRIGGER published_report_turn BEFORE INSERT OR UPDATE ON published_report
    FOR EACH ROW EXECUTE FUNCTION published_take_turn();
CREATE TRIGGER published_tombstone_turn BEFORE INSERT OR UPDATE ON published_tombstone
    FOR EACH ROW EXECUTE FUNCTION published_take_turn();

CREATE FUNCTION published_leave_tombstone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO published_tombstone (number, municipality_slug, removed_at)
    VALUES (OLD.number, OLD.municipality_slug, clock_timestamp())
    ON CONFLICT (number) DO UPDATE SET removed_at = excluded.removed_at,
        municipality_slug = excluded.municipality_slug;
    RETURN NULL;
END $$;
CREATE TRIGGER published_report_removed AFTER DELETE ON published_report
    FOR EACH ROW EXECUTE FUNCTION published_leave_tombstone();
"""

TURNS_BACK = """
DROP TRIGGER published_report_removed ON published_report;
DROP TRIGGER published_report_turn ON published_report;
DROP TRIGGER published_tombstone_turn ON published_tombstone;
DROP FUNCTION published_leave_tombstone();
DROP FUNCTION published_take_turn();
DROP SEQUENCE published_change_seq;
"""


class Migration(migrations.Migration):
    replaces = [("reports", "0018_change_order")]
    dependencies = [("reports", "0004_receipt_numbers")]
    operations = [migrations.RunSQL(TURNS, TURNS_BACK)]
