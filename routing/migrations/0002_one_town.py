"""A category, an area, an office and a set of a rule belong to the rule's municipality."""

from django.db import migrations

FORWARD = """
ALTER TABLE routing_area ADD CONSTRAINT area_of_municipality UNIQUE (id, municipality_id);
ALTER TABLE routing_category ADD CONSTRAINT category_of_municipality UNIQUE (id, municipality_id);
ALTER TABLE routing_category ADD CONSTRAINT category_office_same_town
    FOREIGN KEY (default_office_id, municipality_id) REFERENCES accounts_office (id, municipality_id)
    DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE routing_category ADD CONSTRAINT category_parent_same_town
    FOREIGN KEY (parent_id, municipality_id) REFERENCES routing_category (id, municipality_id)
    DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE routing_rule ADD CONSTRAINT rule_office_same_town
    FOREIGN KEY (office_id, municipality_id) REFERENCES accounts_office (id, municipality_id)
    DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE routing_rule ADD CONSTRAINT rule_category_same_town
    FOREIGN KEY (category_id, municipality_id) REFERENCES routing_category (id, municipality_id)
    DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE routing_rule ADD CONSTRAINT rule_area_same_town
    FOREIGN KEY (area_id, municipality_id) REFERENCES routing_area (id, municipality_id)
    DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE routing_closingday ADD CONSTRAINT closing_day_office_same_town
    FOREIGN KEY (office_id, municipality_id) REFERENCES accounts_office (id, municipality_id)
    DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE routing_oncallshift ADD CONSTRAINT shift_office_same_town
    FOREIGN KEY (office_id, municipality_id) REFERENCES accounts_office (id, municipality_id)
    DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE routing_categorynotice ADD CONSTRAINT notice_category_same_town
    FOREIGN KEY (category_id, municipality_id) REFERENCES routing_category (id, municipality_id)
    DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE routing_categorynotice ADD CONSTRAINT notice_area_same_town
    FOREIGN KEY (area_id, municipality_id) REFERENCES routing_area (id, municipality_id)
    DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE routing_ruleset ADD CONSTRAINT rule_set_of_municipality UNIQUE (id, municipality_id);
ALTER TABLE routing_rule ADD CONSTRAINT rule_set_same_town
    FOREIGN KEY (rule_set_id, municipality_id) REFERENCES routing_ruleset (id, municipality_id)
    DEFERRABLE INITIALLY DEFERRED;
"""

BACKWARD = """
ALTER TABLE routing_rule DROP CONSTRAINT rule_set_same_town;
ALTER TABLE routing_ruleset DROP CONSTRAINT rule_set_of_municipality;
ALTER TABLE routing_categorynotice DROP CONSTRAINT notice_area_same_town;
ALTER TABLE routing_categorynotice DROP CONSTRAINT notice_category_same_town;
ALTER TABLE routing_oncallshift DROP CONSTRAINT shift_office_same_town;
ALTER TABLE routing_closingday DROP CONSTRAINT closing_day_office_same_town;
ALTER TABLE routing_rule DROP CONSTRAINT rule_area_same_town;
ALTER TABLE routing_rule DROP CONSTRAINT rule_category_same_town;
ALTER TABLE routing_rule DROP CONSTRAINT rule_office_same_town;
ALTER TABLE routing_category DROP CONSTRAINT category_parent_same_town;
ALTER TABLE routing_category DROP CONSTRAINT category_office_same_town;
ALTER TABLE routing_category DROP CONSTRAINT category_of_municipality;
ALTER TABLE routing_area DROP CONSTRAINT area_of_municipality;
"""


class Migration(migrations.Migration):
    replaces = [("routing", "0002_same_town")]
    dependencies = [("routing", "0001_tables"), ("accounts", "0002_one_dispatch_office")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
