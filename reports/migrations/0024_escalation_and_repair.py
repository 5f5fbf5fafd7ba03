"""Steps of escalation, repaired dangers, links in alarms."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0010_absence_and_reminders'),
        ('reports', '0023_public_deletion_days'),
    ]

    operations = [
        migrations.AddField(
            model_name='dangeralert',
            name='link_used_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='report',
            name='repaired_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name='effect',
            name='kind',
            field=models.CharField(choices=[('route', 'Zuständigkeit finden'), ('derive_photo', 'Foto aufbereiten'), ('detect', 'Gesichter und Kennzeichen suchen'), ('mask', 'Masken einrechnen'), ('publish', 'veröffentlichen'), ('hand_over', 'an die eAkte übergeben'), ('alert', 'Bereitschaft alarmieren'), ('offer_deadline', 'Frist einer Abgabe'), ('tell_others', 'Mitbetroffenen berichten'), ('fetch_photo', 'Foto eines Partnersystems holen'), ('find_alike', 'mögliche Dubletten suchen'), ('escalate', 'an eine Frist erinnern'), ('interim', 'Zwischennachricht senden')], max_length=16),
        ),
        migrations.CreateModel(
            name='Escalation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_at', models.DateTimeField()),
                ('rung', models.CharField(choices=[('assignee', 'zuständige Person'), ('team_lead', 'Teamleitung'), ('office_head', 'Amtsleitung'), ('dispatcher', 'Disposition')], max_length=12)),
                ('told', models.BooleanField()),
                ('at', models.DateTimeField()),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='escalations', to='reports.report')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('report', 'due_at', 'rung'), name='escalation_once')],
            },
        ),
        migrations.CreateModel(
            name='EscalationStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rung', models.CharField(choices=[('assignee', 'zuständige Person'), ('team_lead', 'Teamleitung'), ('office_head', 'Amtsleitung'), ('dispatcher', 'Disposition')], max_length=12, verbose_name='erinnert wird')),
                ('hours', models.SmallIntegerField(help_text='Minus: vor der Frist.', verbose_name='Arbeitsstunden nach der Frist')),
                ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.municipality', verbose_name='Kommune')),
                ('office', models.ForeignKey(blank=True, help_text='Ein Amt mit eigenen Stufen richtet sich nur nach diesen.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.office', verbose_name='nur für dieses Amt')),
            ],
            options={
                'verbose_name': 'Eskalationsstufe',
                'verbose_name_plural': 'Eskalationsstufen',
                'constraints': [models.UniqueConstraint(fields=('municipality', 'office', 'rung'), name='escalation_step_once', nulls_distinct=False)],
            },
        ),
    ]
