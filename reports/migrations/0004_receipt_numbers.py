"""Numbers of receipts, counted for each municipality and year."""

from django.conf import settings
from django.db import connection, migrations

# One sequence per municipality and year, made on first use with the owner's rights: a counter
# row would make every report of a town wait for the commit of the one before it.
# Temporary tables are searched last, so that nobody can slip a sequence of their own under a
# function that runs with the owner's rights; a year outside its range is a mistake of the caller.
NUMBERS = """
CREATE FUNCTION reports_next_number(town bigint, year int) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    sequence_name text := format('public.receipt_number_%s_%s', town, year);
BEGIN
    IF year NOT BETWEEN 1900 AND 9999 THEN
        RAISE EXCEPTION 'no receipt numbers for the year %', year USING ERRCODE = 'check_violation';
    END IF;
    IF to_regclass(sequence_name) IS NULL THEN
        PERFORM pg_advisory_xact_lock(hashtext(sequence_name));
        EXECUTE format('CREATE SEQUENCE IF NOT EXISTS %s', sequence_name);
    END IF;
    RETURN nextval(sequence_name::regclass);
END $$;
"""

# The app role, and nobody else, asks for numbers.
APP = connection.ops.quote_name(settings.DB_USERS["app"])
RIGHTS = f"""
REVOKE ALL ON FUNCTION reports_next_number(bigint, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reports_next_number(bigint, int) TO {APP};
"""


class Migration(migrations.Migration):
    replaces = [("reports", "0004_hardening")]
    dependencies = [("reports", "0003_what_stays")]
    operations = [
        migrations.RunSQL(NUMBERS, "DROP FUNCTION reports_next_number(bigint, int);"),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
