"""Which cases may be the same, and which were made one; duplicates of before get their link."""

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


# Chains of before end in their leading case; how such a case stood once is not known any more.
LINK_OLD_ONES = """
INSERT INTO reports_merge (report_id, into_id, status_before, waiting_for_before,
                           first_answer_due_at_before, due_at_before, merged_at)
SELECT id, leading_id, 'in_progress', '', first_answer_due_at, due_at,
       coalesce(closed_at, updated_at)
FROM reports_report WHERE leading_id IS NOT NULL;

WITH RECURSIVE chain(id, at) AS (
    SELECT id, leading_id FROM reports_report WHERE leading_id IS NOT NULL
    UNION SELECT c.id, r.leading_id FROM chain c JOIN reports_report r ON r.id = c.at
    WHERE r.leading_id IS NOT NULL
)
UPDATE reports_report r SET leading_id = c.at
FROM chain c JOIN reports_report root ON root.id = c.at AND root.leading_id IS NULL
WHERE c.id = r.id AND r.leading_id <> c.at;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_original_photo_days'),
        ('reports', '0018_change_order'),
        ('routing', '0005_areas_of_every_kind'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Likeness',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('score', models.PositiveSmallIntegerField()),
                ('metres', models.FloatField()),
                ('kinship', models.CharField(max_length=8)),
                ('text_share', models.FloatField(null=True)),
                ('same_asset', models.BooleanField(default=False)),
                ('found_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('dismissed_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Merge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status_before', models.CharField(max_length=12)),
                ('waiting_for_before', models.CharField(blank=True, default='', max_length=14)),
                ('waiting_since_before', models.DateTimeField(blank=True, null=True)),
                ('planned_date_before', models.DateField(blank=True, null=True)),
                ('first_answer_due_at_before', models.DateTimeField(blank=True, null=True)),
                ('due_at_before', models.DateTimeField(blank=True, null=True)),
                ('merged_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AlterField(
            model_name='effect',
            name='kind',
            field=models.CharField(choices=[('route', 'Zuständigkeit finden'), ('derive_photo', 'Foto aufbereiten'), ('detect', 'Gesichter und Kennzeichen suchen'), ('mask', 'Masken einrechnen'), ('publish', 'veröffentlichen'), ('hand_over', 'an die eAkte übergeben'), ('alert', 'Bereitschaft alarmieren'), ('offer_deadline', 'Frist einer Abgabe'), ('tell_others', 'Mitbetroffenen berichten'), ('fetch_photo', 'Foto eines Partnersystems holen'), ('find_alike', 'mögliche Dubletten suchen')], max_length=16),
        ),
        migrations.AddIndex(
            model_name='report',
            index=django.contrib.postgres.indexes.GistIndex(condition=models.Q(('screening', 'clear'), ('status__in', ['in_progress', 'received', 'waiting'])), fields=['place'], name='report_open_place'),
        ),
        migrations.AddField(
            model_name='likeness',
            name='dismissed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='likeness',
            name='first',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='reports.report'),
        ),
        migrations.AddField(
            model_name='likeness',
            name='second',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='reports.report'),
        ),
        migrations.AddField(
            model_name='merge',
            name='into',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='reports.report'),
        ),
        migrations.AddField(
            model_name='merge',
            name='merged_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='merge',
            name='report',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='merges', to='reports.report'),
        ),
        migrations.AddField(
            model_name='merge',
            name='undone_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='likeness',
            constraint=models.UniqueConstraint(fields=('first', 'second'), name='likeness_pair_once'),
        ),
        migrations.AddConstraint(
            model_name='likeness',
            constraint=models.CheckConstraint(condition=models.Q(('first__lt', models.F('second'))), name='likeness_older_case_first'),
        ),
        migrations.AddConstraint(
            model_name='likeness',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('dismissed_at__isnull', True), ('dismissed_by__isnull', True)), models.Q(('dismissed_at__isnull', False), ('dismissed_by__isnull', False)), _connector='OR'), name='likeness_dismissed_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='merge',
            constraint=models.UniqueConstraint(condition=models.Q(('undone_at__isnull', True)), fields=('report',), name='merge_stands_once'),
        ),
        migrations.AddConstraint(
            model_name='merge',
            constraint=models.CheckConstraint(condition=models.Q(('report', models.F('into')), _negated=True), name='merge_with_another'),
        ),
        migrations.RunSQL(LINK_OLD_ONES, migrations.RunSQL.noop),
    ]
