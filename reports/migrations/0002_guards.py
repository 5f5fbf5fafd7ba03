"""What the database itself guards: one town per case, the timeline, receipt numbers."""

from django.conf import settings
from django.db import migrations

SAME_TOWN = """
ALTER TABLE reports_report ADD CONSTRAINT report_of_municipality UNIQUE (id, municipality_id);
ALTER TABLE reports_report ADD CONSTRAINT report_category_same_town
    FOREIGN KEY (category_id, municipality_id) REFERENCES routing_category (id, municipality_id)
    DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE reports_report ADD CONSTRAINT report_office_same_town
    FOREIGN KEY (office_id, municipality_id) REFERENCES accounts_office (id, municipality_id)
    DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE reports_report ADD CONSTRAINT report_district_same_town
    FOREIGN KEY (district_id, municipality_id) REFERENCES routing_area (id, municipality_id)
    DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE reports_report ADD CONSTRAINT report_leading_same_town
    FOREIGN KEY (leading_id, municipality_id) REFERENCES reports_report (id, municipality_id)
    DEFERRABLE INITIALLY DEFERRED;
"""

SAME_TOWN_BACK = """
ALTER TABLE reports_report DROP CONSTRAINT report_leading_same_town;
ALTER TABLE reports_report DROP CONSTRAINT report_district_same_town;
ALTER TABLE reports_report DROP CONSTRAINT report_office_same_town;
ALTER TABLE reports_report DROP CONSTRAINT report_category_same_town;
ALTER TABLE reports_report DROP CONSTRAINT report_of_municipality;
"""

# seq and the hash chain are made here, so that no writer can forget or forge them. The hash
# covers every column; jsonb has one textual form, so it can be recomputed later.
TIMELINE = """
CREATE FUNCTION reports_timeline_hash(
    prev text, report bigint, seq int, kind text, at timestamptz, actor_kind text, actor bigint,
    is_public bool, data jsonb, remark bigint, remark_hash text
) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT encode(sha256(convert_to(concat_ws(E'\\x1f', prev, report, seq, kind,
        extract(epoch FROM at)::text, actor_kind, coalesce(actor::text, '-'), is_public, data::text,
        coalesce(remark::text, '-'), remark_hash), 'UTF8')), 'hex')
$$;

CREATE FUNCTION reports_timeline_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last_seq int; last_hash text;
BEGIN
    SELECT seq, row_hash INTO last_seq, last_hash FROM reports_timelineentry
        WHERE report_id = NEW.report_id ORDER BY seq DESC LIMIT 1;
    NEW.seq := coalesce(last_seq, 0) + 1;
    NEW.prev_hash := coalesce(last_hash, '');
    NEW.row_hash := reports_timeline_hash(NEW.prev_hash, NEW.report_id, NEW.seq, NEW.kind, NEW.at,
        NEW.actor_kind, NEW.actor_id, NEW.is_public, NEW.data, NEW.remark_id, NEW.remark_hash);
    RETURN NEW;
END $$;

CREATE TRIGGER timeline_chain BEFORE INSERT ON reports_timelineentry
    FOR EACH ROW EXECUTE FUNCTION reports_timeline_chain();

CREATE FUNCTION reports_timeline_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the timeline is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER timeline_no_change BEFORE UPDATE OR DELETE ON reports_timelineentry
    FOR EACH ROW EXECUTE FUNCTION reports_timeline_refuse();
CREATE TRIGGER timeline_no_truncate BEFORE TRUNCATE ON reports_timelineentry
    FOR EACH STATEMENT EXECUTE FUNCTION reports_timeline_refuse();

-- Entries whose hash or predecessor does not fit; empty when the history is untouched.
CREATE FUNCTION reports_timeline_broken() RETURNS TABLE (entry bigint, report bigint, seq int)
LANGUAGE sql STABLE AS $$
    SELECT id, report_id, e.seq FROM (
        SELECT *, lag(row_hash, 1, '') OVER w AS expected_prev, lag(seq, 1, 0) OVER w AS prev_seq
        FROM reports_timelineentry WINDOW w AS (PARTITION BY report_id ORDER BY seq)
    ) e
    WHERE prev_hash <> expected_prev OR e.seq <> prev_seq + 1
       OR row_hash <> reports_timeline_hash(prev_hash, report_id, e.seq, kind, at, actor_kind,
            actor_id, is_public, data, remark_id, remark_hash)
$$;
"""

TIMELINE_BACK = """
DROP TRIGGER timeline_no_truncate ON reports_timelineentry;
DROP TRIGGER timeline_no_change ON reports_timelineentry;
DROP TRIGGER timeline_chain ON reports_timelineentry;
DROP FUNCTION reports_timeline_broken();
DROP FUNCTION reports_timeline_refuse();
DROP FUNCTION reports_timeline_chain();
DROP FUNCTION reports_timeline_hash(text, bigint, int, text, timestamptz, text, bigint, bool,
    jsonb, bigint, text);
"""

# One sequence per municipality and year, made on first use with the owner's rights: a counter
# row would make every report of a town wait for the commit of the one before it.
NUMBERS = """
CREATE FUNCTION reports_next_number(town bigint, year int) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    sequence_name text := format('receipt_number_%s_%s', town, year);
BEGIN
    IF to_regclass(sequence_name) IS NULL THEN
        PERFORM pg_advisory_xact_lock(hashtext(sequence_name));
        EXECUTE format('CREATE SEQUENCE IF NOT EXISTS %I', sequence_name);
    END IF;
    RETURN nextval(sequence_name::regclass);
END $$;
"""


def grant(apps, schema_editor):
    """The app role appends to the timeline and asks for numbers; nothing more."""
    app = schema_editor.quote_name(settings.DB_USERS["app"])
    for statement in (
        f"REVOKE UPDATE, DELETE, TRUNCATE ON reports_timelineentry FROM {app}",
        "REVOKE ALL ON FUNCTION reports_next_number(bigint, int) FROM PUBLIC",
        f"GRANT EXECUTE ON FUNCTION reports_next_number(bigint, int) TO {app}",
    ):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial"), ("routing", "0002_same_town")]
    operations = [
        migrations.RunSQL(SAME_TOWN, SAME_TOWN_BACK),
        migrations.RunSQL(TIMELINE, TIMELINE_BACK),
        migrations.RunSQL(NUMBERS, "DROP FUNCTION reports_next_number(bigint, int);"),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
