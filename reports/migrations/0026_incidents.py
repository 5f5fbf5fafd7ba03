"""Incidents, their cases and news, and what of them is public."""

import django.contrib.gis.db.models.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


VIEW = """
CREATE VIEW open_data.incidents AS
    SELECT id, municipality_slug, title, category_code, category_name, office_name, is_running,
           started_at, ended_at, updated_at, reports, news, shape
    FROM public.published_incident;
"""


def grant(apps, schema_editor):
    """The public reader may read the view."""
    public = schema_editor.quote_name(settings.DB_USERS["public"])
    schema_editor.execute(f"GRANT SELECT ON open_data.incidents TO {public}")


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0012_incident_limits'),
        ('reports', '0025_interim_messages'),
        ('routing', '0007_assets'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PublicIncident',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('municipality_slug', models.CharField(max_length=40)),
                ('title', models.CharField(max_length=120)),
                ('category_code', models.CharField(max_length=60)),
                ('category_name', models.CharField(max_length=100)),
                ('office_name', models.CharField(max_length=140)),
                ('is_running', models.BooleanField()),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('updated_at', models.DateTimeField()),
                ('reports', models.PositiveIntegerField()),
                ('news', models.JSONField()),
                ('shape', django.contrib.gis.db.models.fields.MultiPolygonField(null=True, srid=4326)),
            ],
            options={
                'db_table': 'incidents',
                'managed': False,
            },
        ),
        migrations.AlterField(
            model_name='effect',
            name='kind',
            field=models.CharField(choices=[('route', 'Zuständigkeit finden'), ('derive_photo', 'Foto aufbereiten'), ('detect', 'Gesichter und Kennzeichen suchen'), ('mask', 'Masken einrechnen'), ('publish', 'veröffentlichen'), ('hand_over', 'an die eAkte übergeben'), ('alert', 'Bereitschaft alarmieren'), ('offer_deadline', 'Frist einer Abgabe'), ('tell_others', 'Mitbetroffenen berichten'), ('fetch_photo', 'Foto eines Partnersystems holen'), ('find_alike', 'mögliche Dubletten suchen'), ('escalate', 'an eine Frist erinnern'), ('interim', 'Zwischennachricht senden'), ('join_incident', 'einem Ereignis zuordnen'), ('incident_news', 'Antwort eines Ereignisses weitergeben')], max_length=16),
        ),
        migrations.CreateModel(
            name='Incident',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('proposed', 'vorgeschlagen'), ('running', 'läuft'), ('ended', 'beendet'), ('dismissed', 'abgelehnt')], default='proposed', max_length=9)),
                ('title', models.CharField(blank=True, default='', max_length=120, verbose_name='Titel')),
                ('started_at', models.DateTimeField()),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('proposed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('category', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='routing.category')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.municipality')),
                ('office', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.office')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'Ereignis',
                'verbose_name_plural': 'Ereignisse',
            },
        ),
        migrations.AddField(
            model_name='report',
            name='incident',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='reports.incident'),
        ),
        migrations.CreateModel(
            name='IncidentMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('joined_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('left_at', models.DateTimeField(blank=True, null=True)),
                ('incident', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='reports.incident')),
                ('left_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='reports.report')),
            ],
        ),
        migrations.CreateModel(
            name='IncidentNews',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('body', models.TextField()),
                ('closing_reason', models.CharField(blank=True, choices=[('done', 'erledigt'), ('nothing_found', 'nichts vorgefunden'), ('forwarded', 'weitergegeben'), ('planned', 'vorgemerkt / geplant'), ('no_action_needed', 'kein Handlungsbedarf'), ('not_possible', 'nicht möglich'), ('duplicate', 'Dublette')], default='', max_length=20)),
                ('written_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('incident', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='news', to='reports.incident')),
                ('written_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='PublishedIncident',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('municipality_slug', models.CharField(max_length=40)),
                ('title', models.CharField(max_length=120)),
                ('category_code', models.CharField(max_length=60)),
                ('category_name', models.CharField(max_length=100)),
                ('office_name', models.CharField(blank=True, default='', max_length=140)),
                ('is_running', models.BooleanField()),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('updated_at', models.DateTimeField()),
                ('reports', models.PositiveIntegerField()),
                ('news', models.JSONField(default=list)),
                ('shape', django.contrib.gis.db.models.fields.MultiPolygonField(null=True, srid=4326)),
            ],
            options={
                'db_table': 'published_incident',
                'indexes': [models.Index(fields=['municipality_slug', '-started_at'], name='published_incident_newest')],
            },
        ),
        migrations.AddIndex(
            model_name='incident',
            index=models.Index(condition=models.Q(('state__in', ['proposed', 'running'])), fields=['municipality', 'category'], name='incident_going_on'),
        ),
        migrations.AddConstraint(
            model_name='incident',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['running', 'ended']), _negated=True), models.Q(('decided_by__isnull', False), ('office__isnull', False), models.Q(('title', ''), _negated=True)), _connector='OR'), name='incident_running_has_owner'),
        ),
        migrations.AddConstraint(
            model_name='incident',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('state', 'ended')), models.Q(models.Q(('state', 'ended'), _negated=True), ('ended_at__isnull', True)), _connector='OR'), name='incident_ended_at_when_ended'),
        ),
        migrations.AddConstraint(
            model_name='incidentmember',
            constraint=models.UniqueConstraint(fields=('incident', 'report'), name='incident_member_once'),
        ),
        migrations.AddConstraint(
            model_name='incidentnews',
            constraint=models.UniqueConstraint(condition=models.Q(('closing_reason', ''), _negated=True), fields=('incident',), name='incident_ends_once'),
        ),
        migrations.RunSQL(VIEW, "DROP VIEW open_data.incidents;"),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
