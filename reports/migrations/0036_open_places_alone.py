"""The index of open cases by place holds open cases alone.

For a geometry Django leaves the condition of an index out of the statement, so it held a million
closed cases as well and was passed over or read in vain (tests/architecture/test_indexes.py).
"""

from django.db import migrations

AS_MEANT = """
DROP INDEX report_open_place;
CREATE INDEX report_open_place ON reports_report USING gist (place)
    WHERE status IN ('in_progress', 'received', 'waiting') AND screening = 'clear';
"""
AS_MADE = """
DROP INDEX report_open_place;
CREATE INDEX report_open_place ON reports_report USING gist (place);
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0035_how_near_is_the_same")]
    operations = [migrations.RunSQL(AS_MEANT, AS_MADE)]
