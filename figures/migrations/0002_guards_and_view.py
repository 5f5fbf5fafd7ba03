"""Released reports stay as they are; the public reader may read published statistics."""

from django.conf import settings
from django.db import connection, migrations

GUARDS = """
CREATE FUNCTION figures_report_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.standing = 'released' THEN
        IF TG_OP = 'UPDATE' AND OLD.pdf IS NULL
           AND to_jsonb(NEW) - 'pdf' = to_jsonb(OLD) - 'pdf' THEN
            RETURN NEW;  -- the file made from it, once
        END IF;
        RAISE EXCEPTION 'a released management report does not change';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER figures_report_stays BEFORE UPDATE OR DELETE ON figures_managementreport
    FOR EACH ROW EXECUTE FUNCTION figures_report_stays();

CREATE FUNCTION figures_case_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM figures_managementreport
               WHERE id = coalesce(OLD.report_id, NEW.report_id) AND standing = 'released') THEN
        RAISE EXCEPTION 'the facts of a released management report do not change';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER figures_case_stays BEFORE INSERT OR UPDATE OR DELETE ON figures_frozencase
    FOR EACH ROW EXECUTE FUNCTION figures_case_stays();
"""
UNGUARD = """
DROP TRIGGER figures_report_stays ON figures_managementreport;
DROP FUNCTION figures_report_stays();
DROP TRIGGER figures_case_stays ON figures_frozencase;
DROP FUNCTION figures_case_stays();
"""
VIEW = """
CREATE VIEW open_data.statistics AS
    SELECT s.municipality_slug, s.content, s.etag, s.changed_at
    FROM public.published_statistics s
    JOIN public.accounts_municipality m ON m.slug = s.municipality_slug WHERE m.is_live;
"""

# The public reader may read this view too.
PUBLIC = connection.ops.quote_name(settings.DB_USERS["public"])
RIGHTS = f"GRANT SELECT ON open_data.statistics TO {PUBLIC}"


class Migration(migrations.Migration):
    dependencies = [("figures", "0001_figures"), ("reports", "0006_open_data_views")]
    operations = [
        migrations.RunSQL(GUARDS, UNGUARD),
        migrations.RunSQL(VIEW, "DROP VIEW open_data.statistics;"),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
