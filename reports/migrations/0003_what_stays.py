"""The timeline and the proofs of deletion are only ever added to; the timeline is a chain."""

from django.conf import settings
from django.db import connection, migrations

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

# Who says what was deleted must not be able to say otherwise later.
PROOFS = """
CREATE FUNCTION reports_deletion_proof_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'proofs of deletion are append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER deletion_proof_no_change BEFORE UPDATE OR DELETE ON reports_deletionproof
    FOR EACH ROW EXECUTE FUNCTION reports_deletion_proof_refuse();
CREATE TRIGGER deletion_proof_no_truncate BEFORE TRUNCATE ON reports_deletionproof
    FOR EACH STATEMENT EXECUTE FUNCTION reports_deletion_proof_refuse();
"""

PROOFS_BACK = """
DROP TRIGGER deletion_proof_no_truncate ON reports_deletionproof;
DROP TRIGGER deletion_proof_no_change ON reports_deletionproof;
DROP FUNCTION reports_deletion_proof_refuse();
"""

# The app role appends to the timeline; nothing more.
APP = connection.ops.quote_name(settings.DB_USERS["app"])
RIGHTS = f"REVOKE UPDATE, DELETE, TRUNCATE ON reports_timelineentry FROM {APP}"


class Migration(migrations.Migration):
    replaces = [("reports", "0017_retention")]
    dependencies = [("reports", "0002_one_town")]
    operations = [
        migrations.RunSQL(TIMELINE, TIMELINE_BACK),
        migrations.RunSQL(PROOFS, PROOFS_BACK),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
