"""Category, office, district and leading case of a case belong to its municipality."""

from django.db import migrations

FORWARD = """
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

BACKWARD = """
ALTER TABLE reports_report DROP CONSTRAINT report_leading_same_town;
ALTER TABLE reports_report DROP CONSTRAINT report_district_same_town;
ALTER TABLE reports_report DROP CONSTRAINT report_office_same_town;
ALTER TABLE reports_report DROP CONSTRAINT report_category_same_town;
ALTER TABLE reports_report DROP CONSTRAINT report_of_municipality;
"""


class Migration(migrations.Migration):
    replaces = [("reports", "0002_guards")]
    dependencies = [("reports", "0001_tables"), ("routing", "0002_one_town")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
