"""Indexes for what is looked for again and again, and narrower rights for the number function."""

import django.contrib.postgres.operations
from django.db import migrations, models

# Temporary tables are searched last, so that nobody can slip a sequence of their own under a
# function that runs with the owner's rights; a year outside its range is a mistake of the caller.
NUMBERS = """
CREATE OR REPLACE FUNCTION reports_next_number(town bigint, year int) RETURNS bigint
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

NUMBERS_BACK = """
CREATE OR REPLACE FUNCTION reports_next_number(town bigint, year int) RETURNS bigint
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

# The database runs in UTC; a district changes at midnight in the towns this serves.
AREAS = """
CREATE OR REPLACE VIEW open_data.areas AS
    SELECT a.id, m.slug AS municipality_slug, a.level, a.key, a.name, a.geometry
    FROM public.routing_area a JOIN public.accounts_municipality m ON m.id = a.municipality_id
    WHERE m.is_live
      AND (a.valid_from IS NULL OR a.valid_from <= (now() AT TIME ZONE 'Europe/Berlin')::date)
      AND (a.valid_to IS NULL OR a.valid_to >= (now() AT TIME ZONE 'Europe/Berlin')::date);
"""

AREAS_BACK = """
CREATE OR REPLACE VIEW open_data.areas AS
    SELECT a.id, m.slug AS municipality_slug, a.level, a.key, a.name, a.geometry
    FROM public.routing_area a JOIN public.accounts_municipality m ON m.id = a.municipality_id
    WHERE m.is_live
      AND (a.valid_from IS NULL OR a.valid_from <= current_date)
      AND (a.valid_to IS NULL OR a.valid_to >= current_date);
"""


class Migration(migrations.Migration):
    # Indexes are built beside running work, which a transaction would not allow.
    atomic = False

    dependencies = [("reports", "0003_open_data_views")]

    operations = [
        migrations.RunSQL(NUMBERS, NUMBERS_BACK),
        migrations.RunSQL(AREAS, AREAS_BACK),
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name="effect",
            index=models.Index(
                condition=models.Q(("state", "dead")), fields=["id"], name="effect_dead"
            ),
        ),
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name="contact",
            index=models.Index(
                condition=models.Q(
                    ("confirm_until__isnull", False), ("email_confirmed_at__isnull", True)
                ),
                fields=["confirm_until"],
                name="contact_unconfirmed",
            ),
        ),
    ]
