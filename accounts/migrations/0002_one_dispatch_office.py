"""Each municipality has exactly one dispatch office, checked by the database at commit."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION accounts_require_dispatch_office() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    town bigint := CASE WHEN TG_TABLE_NAME = 'accounts_municipality' THEN
        (CASE WHEN TG_OP = 'DELETE' THEN OLD.id ELSE NEW.id END) END;
BEGIN
    IF town IS NULL THEN town := OLD.municipality_id; END IF;
    IF EXISTS (SELECT 1 FROM accounts_municipality WHERE id = town) AND
       (SELECT count(*) FROM accounts_office WHERE municipality_id = town AND is_dispatch) <> 1 THEN
        RAISE EXCEPTION 'municipality % needs exactly one dispatch office', town
            USING ERRCODE = 'check_violation', CONSTRAINT = 'municipality_one_dispatch_office';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER municipality_one_dispatch_office
    AFTER INSERT ON accounts_municipality
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION accounts_require_dispatch_office();

CREATE CONSTRAINT TRIGGER office_keeps_dispatch
    AFTER UPDATE OF is_dispatch, municipality_id OR DELETE ON accounts_office
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION accounts_require_dispatch_office();

-- Lets other tables prove that an office belongs to the same municipality.
ALTER TABLE accounts_office ADD CONSTRAINT office_of_municipality UNIQUE (id, municipality_id);
ALTER TABLE accounts_roleassignment ADD CONSTRAINT role_office_same_town
    FOREIGN KEY (office_id, municipality_id) REFERENCES accounts_office (id, municipality_id)
    DEFERRABLE INITIALLY DEFERRED;
"""

BACKWARD = """
ALTER TABLE accounts_roleassignment DROP CONSTRAINT role_office_same_town;
ALTER TABLE accounts_office DROP CONSTRAINT office_of_municipality;
DROP TRIGGER office_keeps_dispatch ON accounts_office;
DROP TRIGGER municipality_one_dispatch_office ON accounts_municipality;
DROP FUNCTION accounts_require_dispatch_office();
"""


class Migration(migrations.Migration):
    replaces = [("accounts", "0002_dispatch_office")]
    dependencies = [("accounts", "0001_tables")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
