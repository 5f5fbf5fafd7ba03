"""Answers and status changes as public rows, answers to public questions, photos to be fetched."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

# Only a view names what is public.
VIEWS = """
CREATE VIEW open_data.updates AS
    SELECT u.number || '-' || u.seq AS update_id, u.number, p.municipality_slug, u.seq, u.kind,
           u.status, u.closing_reason, u.waiting_for, u.text, u.visible_at
    FROM public.published_update u JOIN public.published_report p ON p.number = u.number;

CREATE VIEW open_data.attributes AS
    SELECT number, attributes FROM public.published_report WHERE attributes <> '[]';
"""

# What has been public before is there from the start. Coarse categories show no times of their own.
EARLIER = """
INSERT INTO published_update (number, seq, kind, status, closing_reason, waiting_for, text,
                              visible_at)
SELECT r.number, t.seq, t.kind,
       coalesce(t.data ->> 'to',
                (SELECT b.data ->> 'to' FROM reports_timelineentry b
                 WHERE b.report_id = r.id AND b.seq < t.seq AND b.is_public AND b.data ? 'to'
                 ORDER BY b.seq DESC LIMIT 1),
                'received'),
       coalesce(t.data ->> 'reason', ''), coalesce(t.data ->> 'waiting_for', ''),
       coalesce(a.body, ''), date_trunc('minute', t.at) + interval '1 minute'
FROM reports_timelineentry t
JOIN reports_report r ON r.id = t.report_id
JOIN published_report p ON p.number = r.number
LEFT JOIN reports_remark a
       ON a.id = t.remark_id AND a.kind = 'answer' AND t.data @> '{"answer": true}'
WHERE t.is_public AND t.kind IN ('status_changed', 'reopened', 'answered')
  AND p.time_precision <> 'month'
"""


def grant(apps, schema_editor):
    """The public reader may read the two views."""
    public = schema_editor.quote_name(settings.DB_USERS["public"])
    for view in ("updates", "attributes"):
        schema_editor.execute(f"GRANT SELECT ON open_data.{view} TO {public}")


class Migration(migrations.Migration):

    dependencies = [
        ('reports', '0009_held_back'),
    ]

    operations = [
        migrations.CreateModel(
            name='PublicAttributes',
            fields=[
                ('number', models.CharField(max_length=24, primary_key=True, serialize=False)),
                ('attributes', models.JSONField()),
            ],
            options={
                'db_table': 'attributes',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='PublicUpdate',
            fields=[
                ('update_id', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=24)),
                ('municipality_slug', models.CharField(max_length=40)),
                ('seq', models.PositiveIntegerField()),
                ('kind', models.CharField(max_length=32)),
                ('status', models.CharField(max_length=12)),
                ('closing_reason', models.CharField(max_length=20)),
                ('waiting_for', models.CharField(max_length=14)),
                ('text', models.TextField()),
                ('visible_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'updates',
                'managed': False,
            },
        ),
        migrations.AddField(
            model_name='publishedreport',
            name='attributes',
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.AlterField(
            model_name='effect',
            name='kind',
            field=models.CharField(choices=[('route', 'Zuständigkeit finden'), ('derive_photo', 'Foto aufbereiten'), ('publish', 'veröffentlichen'), ('hand_over', 'an die eAkte übergeben'), ('alert', 'Bereitschaft alarmieren'), ('offer_deadline', 'Frist einer Abgabe'), ('tell_others', 'Mitbetroffenen berichten'), ('fetch_photo', 'Foto eines Partnersystems holen')], max_length=16),
        ),
        migrations.CreateModel(
            name='PublishedUpdate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seq', models.PositiveIntegerField()),
                ('kind', models.CharField(max_length=32)),
                ('status', models.CharField(max_length=12)),
                ('closing_reason', models.CharField(blank=True, default='', max_length=20)),
                ('waiting_for', models.CharField(blank=True, default='', max_length=14)),
                ('text', models.TextField(blank=True, default='')),
                ('visible_at', models.DateTimeField()),
                ('report', models.ForeignKey(db_column='number', on_delete=django.db.models.deletion.CASCADE, related_name='updates', to='reports.publishedreport')),
            ],
            options={
                'db_table': 'published_update',
                'indexes': [models.Index(fields=['visible_at'], name='published_update_time')],
                'constraints': [models.UniqueConstraint(fields=('report', 'seq'), name='published_update_once')],
            },
        ),
        migrations.CreateModel(
            name='RemotePhoto',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('url', models.TextField(blank=True, default='')),
                ('state', models.CharField(choices=[('waiting', 'wird geholt'), ('kept', 'geholt'), ('refused', 'nicht geeignet')], default='waiting', max_length=8)),
                ('failure_code', models.CharField(blank=True, default='', max_length=40)),
                ('booked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='remote_photos', to='reports.report')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['booked_at'], name='remote_photo_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state', 'waiting'), ('url', ''), _connector='OR'), name='remote_photo_address_forgotten')],
            },
        ),
        migrations.RunSQL(
            VIEWS, "DROP VIEW open_data.updates; DROP VIEW open_data.attributes;"
        ),
        migrations.RunPython(grant, migrations.RunPython.noop),
        migrations.RunSQL(EARLIER, migrations.RunSQL.noop),
    ]
