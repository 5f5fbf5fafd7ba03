"""Every public row knows its place in the order of changes; what goes leaves a tombstone."""

from django.db import migrations, models

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

UPDATE published_report r SET photo_names = coalesce(
    (SELECT string_agg(p.name, ' ' ORDER BY p.ordinal) FROM published_photo p
     WHERE p.number = r.number AND p.size = 800 AND p.format = 'jpeg'), '');
UPDATE published_tombstone SET change = 0;
"""

TURNS_BACK = """
DROP TRIGGER published_report_removed ON published_report;
DROP TRIGGER published_report_turn ON published_report;
DROP TRIGGER published_tombstone_turn ON published_tombstone;
DROP FUNCTION published_leave_tombstone();
DROP FUNCTION published_take_turn();
DROP SEQUENCE published_change_seq;
"""

VIEWS = """
CREATE OR REPLACE VIEW open_data.reports AS
    SELECT number, municipality_slug, category_code, category_name, group_name, status,
           closing_reason, received_at, updated_at, closed_at, place, precision_m, time_precision,
           district, office_name, text, answer, first_answer_hours, completion_hours, published_at,
           supports, change, photo_names
    FROM public.published_report;

CREATE OR REPLACE VIEW open_data.removed AS
    SELECT number, municipality_slug, removed_at, change FROM public.published_tombstone;
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0017_retention")]
    operations = [
        migrations.AddField(
            "publishedreport", "change", models.BigIntegerField(db_default=0, editable=False)
        ),
        migrations.AddField(
            "publishedreport", "photo_names", models.TextField(blank=True, default="", db_default="")
        ),
        migrations.AddField(
            "tombstone", "change", models.BigIntegerField(db_default=0, editable=False)
        ),
        migrations.RunSQL(TURNS, TURNS_BACK),
        migrations.RemoveIndex("publishedreport", "published_changes"),
        migrations.AddIndex(
            "publishedreport",
            models.Index(fields=["municipality_slug", "number"], name="published_by_number"),
        ),
        migrations.AddIndex(
            "publishedreport",
            models.Index(fields=["municipality_slug", "change"], name="published_by_change"),
        ),
        migrations.AddIndex(
            "tombstone",
            models.Index(fields=["municipality_slug", "change"], name="tombstone_by_change"),
        ),
        migrations.RunSQL(VIEWS, migrations.RunSQL.noop),
    ]
