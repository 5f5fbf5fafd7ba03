"""Reminders of incidents themselves, and the public report through which others join one."""

import django.db.models.deletion
from django.db import migrations, models


VIEW = """
CREATE OR REPLACE VIEW open_data.incidents AS
    SELECT id, municipality_slug, title, category_code, category_name, office_name, is_running,
           started_at, ended_at, updated_at, reports, news, shape, join_number
    FROM public.published_incident;
"""
FORMER = """
DROP VIEW open_data.incidents;
CREATE VIEW open_data.incidents AS
    SELECT id, municipality_slug, title, category_code, category_name, office_name, is_running,
           started_at, ended_at, updated_at, reports, news, shape
    FROM public.published_incident;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('reports', '0028_rule_replays'),
    ]

    operations = [
        migrations.AddField(
            model_name='publishedincident',
            name='join_number',
            field=models.CharField(blank=True, db_default='', default='', max_length=24),
        ),
        migrations.RunSQL(VIEW, FORMER),
        migrations.CreateModel(
            name='IncidentReminder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rung', models.CharField(choices=[('assignee', 'zuständige Person'), ('team_lead', 'Teamleitung'), ('office_head', 'Amtsleitung'), ('dispatcher', 'Disposition'), ('silence', 'Zwischennachricht')], max_length=12)),
                ('about', models.DateTimeField()),
                ('told', models.BooleanField()),
                ('at', models.DateTimeField()),
                ('incident', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reminders', to='reports.incident')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('incident', 'about', 'rung'), name='incident_reminder_once')],
            },
        ),
    ]
