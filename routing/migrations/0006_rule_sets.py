"""Rules belong to versions of a set; they get further conditions and effects."""

import django.contrib.postgres.fields
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
from django.conf import settings
from django.db import migrations, models

# A town's rules so far become its first version, in force since before any report.
INTO_SETS = """
INSERT INTO routing_ruleset
    (municipality_id, version, reason, created_at, changed_at, revision, in_force_from, activated_at)
SELECT DISTINCT municipality_id, 1, 'Regeln aus der Zeit vor den Versionen',
    now(), now(), 0, TIMESTAMPTZ '2000-01-01 00:00:00+00', now()
FROM routing_rule;
UPDATE routing_rule SET rule_set_id = routing_ruleset.id, line = gen_random_uuid()
FROM routing_ruleset WHERE routing_ruleset.municipality_id = routing_rule.municipality_id;
SET CONSTRAINTS ALL IMMEDIATE;
"""
# Back to one table per town: the rules in force stay.
OUT_OF_SETS = """
DELETE FROM routing_rule WHERE rule_set_id NOT IN (
    SELECT DISTINCT ON (municipality_id) id FROM routing_ruleset
    WHERE version IS NOT NULL AND in_force_from <= now()
    ORDER BY municipality_id, in_force_from DESC, version DESC
);
SET CONSTRAINTS ALL IMMEDIATE;
"""
SAME_TOWN = """
ALTER TABLE routing_ruleset ADD CONSTRAINT rule_set_of_municipality UNIQUE (id, municipality_id);
ALTER TABLE routing_rule ADD CONSTRAINT rule_set_same_town
    FOREIGN KEY (rule_set_id, municipality_id) REFERENCES routing_ruleset (id, municipality_id)
    DEFERRABLE INITIALLY DEFERRED;
"""
DIFFERENT_TOWNS = """
ALTER TABLE routing_rule DROP CONSTRAINT rule_set_same_town;
ALTER TABLE routing_ruleset DROP CONSTRAINT rule_set_of_municipality;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_original_photo_days'),
        ('routing', '0005_areas_of_every_kind'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='RuleSet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(blank=True, null=True, verbose_name='Version')),
                ('reason', models.CharField(max_length=400, verbose_name='Anlass')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('revision', models.PositiveIntegerField(default=0)),
                ('in_force_from', models.DateTimeField(blank=True, null=True, verbose_name='in Kraft ab')),
                ('activated_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'Regelwerk',
                'verbose_name_plural': 'Regelwerke',
            },
        ),
        migrations.RemoveConstraint(
            model_name='rule',
            name='rule_priority_unique',
        ),
        migrations.AddField(
            model_name='rule',
            name='around_the_clock',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='rule',
            name='assignee',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='rule',
            name='condition',
            field=models.JSONField(blank=True, default=dict, verbose_name='weitere Bedingungen'),
        ),
        migrations.AddField(
            model_name='rule',
            name='copies',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, db_default=[], default=list, size=None),
        ),
        migrations.AddField(
            model_name='rule',
            name='first_answer_hours',
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='rule',
            name='first_look',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='rule',
            name='is_confidential',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='rule',
            name='line',
            field=models.UUIDField(default=uuid.uuid4, editable=False),
        ),
        migrations.AddField(
            model_name='rule',
            name='notice',
            field=models.CharField(blank=True, db_default='', default='', max_length=400),
        ),
        migrations.AddField(
            model_name='rule',
            name='publication_policy',
            field=models.CharField(blank=True, choices=[('automatic', 'sofort: Art, Stand und gerundeter Ort'), ('after_approval', 'nach Freigabe'), ('coarse', 'nach Freigabe, nur grober Ort und Monat'), ('never', 'nie')], db_default='', default='', max_length=16),
        ),
        migrations.AddField(
            model_name='rule',
            name='tags',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), blank=True, db_default=[], default=list, size=None),
        ),
        migrations.AddField(
            model_name='rule',
            name='team',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.team'),
        ),
        migrations.AddField(
            model_name='rule',
            name='urgency',
            field=models.CharField(blank=True, db_default='', default='', max_length=8),
        ),
        migrations.AddField(
            model_name='ruleset',
            name='activated_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='ruleset',
            name='based_on',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='followers', to='routing.ruleset'),
        ),
        migrations.AddField(
            model_name='ruleset',
            name='changed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='ruleset',
            name='created_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='ruleset',
            name='municipality',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rule_sets', to='accounts.municipality'),
        ),
        migrations.AddField(
            model_name='rule',
            name='rule_set',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='rules', to='routing.ruleset'),
        ),
        migrations.RunSQL(INTO_SETS, OUT_OF_SETS),
        migrations.AlterField(
            model_name='rule',
            name='rule_set',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rules', to='routing.ruleset'),
        ),
        migrations.RunSQL(SAME_TOWN, DIFFERENT_TOWNS),
        migrations.AddConstraint(
            model_name='rule',
            constraint=models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('rule_set', 'priority'), name='rule_priority_unique'),
        ),
        migrations.AddConstraint(
            model_name='rule',
            constraint=models.UniqueConstraint(fields=('rule_set', 'line'), name='rule_line_unique'),
        ),
        migrations.AddIndex(
            model_name='ruleset',
            index=models.Index(condition=models.Q(('version__isnull', False)), fields=['municipality', '-in_force_from', '-version'], name='rule_set_in_force'),
        ),
        migrations.AddConstraint(
            model_name='ruleset',
            constraint=models.UniqueConstraint(fields=('municipality', 'version'), name='rule_set_version_unique'),
        ),
        migrations.AddConstraint(
            model_name='ruleset',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('in_force_from__isnull', True), ('version__isnull', True)), models.Q(('in_force_from__isnull', False), ('version__isnull', False)), _connector='OR'), name='rule_set_version_has_a_beginning'),
        ),
    ]
