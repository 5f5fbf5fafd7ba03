"""Feedback, objections, supports; which messages somebody wants; what waits to be read."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


# New columns can only be added at the end of a view.
COUNTED = """
CREATE OR REPLACE VIEW open_data.reports AS
    SELECT number, municipality_slug, category_code, category_name, group_name, status,
           closing_reason, received_at, updated_at, closed_at, place, precision_m, time_precision,
           district, office_name, text, answer, first_answer_hours, completion_hours, published_at,
           supports
    FROM public.published_report;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_feedback_days'),
        ('reports', '0007_uploads'),
        ('routing', '0003_feedback_days'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Feedback',
            fields=[
                ('report', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='feedback', serialize=False, to='reports.report')),
                ('is_fixed', models.BooleanField(verbose_name='in Ordnung')),
                ('satisfaction', models.PositiveSmallIntegerField(null=True, verbose_name='Zufriedenheit, 1 bis 5')),
                ('remark_id', models.BigIntegerField(blank=True, null=True)),
                ('given_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name='Objection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('part', models.CharField(choices=[('report', 'die ganze Meldung'), ('text', 'der Text'), ('photos', 'die Fotos')], max_length=6)),
                ('reason_remark_id', models.BigIntegerField(blank=True, null=True)),
                ('raised_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('end_remark_id', models.BigIntegerField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Support',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person_hash', models.CharField(max_length=64)),
                ('email', models.EmailField(blank=True, default='', max_length=254, verbose_name='E-Mail-Adresse')),
                ('language', models.CharField(default='de', max_length=8)),
                ('nonce', models.BigIntegerField(blank=True, null=True)),
                ('confirm_until', models.DateTimeField(blank=True, null=True)),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('erased_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name='contact',
            name='wants',
            field=models.CharField(choices=[('all', 'alle Neuigkeiten'), ('result', 'nur das Ergebnis und Rückfragen'), ('none', 'keine Nachrichten')], db_default='all', default='all', max_length=6, verbose_name='Nachrichten'),
        ),
        migrations.AddField(
            model_name='photo',
            name='replaces',
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='publishedreport',
            name='supports',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='report',
            name='unread_since',
            field=models.DateTimeField(blank=True, null=True, verbose_name='ungelesen seit'),
        ),
        migrations.AlterField(
            model_name='effect',
            name='kind',
            field=models.CharField(choices=[('route', 'Zuständigkeit finden'), ('derive_photo', 'Foto aufbereiten'), ('publish', 'veröffentlichen'), ('hand_over', 'an die eAkte übergeben'), ('alert', 'Bereitschaft alarmieren'), ('offer_deadline', 'Frist einer Abgabe'), ('tell_others', 'Mitbetroffenen berichten')], max_length=16),
        ),
        migrations.AddIndex(
            model_name='report',
            index=models.Index(condition=models.Q(('unread_since__isnull', False)), fields=['municipality', 'office'], name='report_unread'),
        ),
        migrations.AddConstraint(
            model_name='photo',
            constraint=models.UniqueConstraint(fields=('report', 'replaces'), name='photo_replaced_once'),
        ),
        migrations.AddConstraint(
            model_name='feedback',
            constraint=models.CheckConstraint(condition=models.Q(('satisfaction__isnull', True), ('satisfaction__range', (1, 5)), _connector='OR'), name='feedback_satisfaction_1_to_5'),
        ),
        migrations.AddField(
            model_name='objection',
            name='ended_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='objection',
            name='report',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='objections', to='reports.report'),
        ),
        migrations.AddField(
            model_name='support',
            name='report',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='supports', to='reports.report'),
        ),
        migrations.AddConstraint(
            model_name='objection',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('report', 'part'), name='objection_stands_once'),
        ),
        migrations.AddConstraint(
            model_name='objection',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('end_remark_id__isnull', True), ('ended_at__isnull', True), ('ended_by__isnull', True)), models.Q(('end_remark_id__isnull', False), ('ended_at__isnull', False), ('ended_by__isnull', False)), _connector='OR'), name='objection_ended_by_somebody_for_a_reason'),
        ),
        migrations.AddIndex(
            model_name='support',
            index=models.Index(condition=models.Q(('confirmed_at__isnull', True)), fields=['confirm_until'], name='support_unconfirmed'),
        ),
        migrations.AddIndex(
            model_name='support',
            index=models.Index(condition=models.Q(('erased_at__isnull', True)), fields=['report'], name='support_of_somebody'),
        ),
        migrations.AddConstraint(
            model_name='support',
            constraint=models.UniqueConstraint(fields=('report', 'person_hash'), name='support_once'),
        ),
        migrations.AddConstraint(
            model_name='support',
            constraint=models.CheckConstraint(condition=models.Q(('confirmed_at__isnull', False), models.Q(('confirm_until__isnull', False), ('nonce__isnull', False)), _connector='OR'), name='support_confirmed_or_asked'),
        ),
        migrations.AddConstraint(
            model_name='support',
            constraint=models.CheckConstraint(condition=models.Q(('erased_at__isnull', True), ('email', ''), _connector='OR'), name='support_erased_is_empty'),
        ),
        migrations.RunSQL(COUNTED, migrations.RunSQL.noop),
    ]
