"""Who is away and who leads a team; control centre by telephone; interim messages."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0009_open_data'),
    ]

    operations = [
        migrations.AddField(
            model_name='municipality',
            name='control_centre_phone',
            field=models.CharField(blank=True, db_default='', default='', help_text='Erhält dieselben als SMS oder Anruf, wo es ein Gateway dafür gibt.', max_length=40, verbose_name='Rufnummer der Leitstelle'),
        ),
        migrations.AddField(
            model_name='municipality',
            name='interim_by_itself',
            field=models.BooleanField(db_default=False, default=False, help_text='Sonst steht sie als Aufgabe in der Liste des Amts.', verbose_name='Zwischennachricht von selbst senden'),
        ),
        migrations.AddField(
            model_name='municipality',
            name='interim_days',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, help_text='0: keine Zwischennachricht.', verbose_name='Werktage ohne Neues bis zur Zwischennachricht'),
        ),
        migrations.AddField(
            model_name='team',
            name='lead',
            field=models.ForeignKey(blank=True, help_text='Wird erinnert, wenn eine Frist verstreicht.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='leads', to=settings.AUTH_USER_MODEL, verbose_name='Teamleitung'),
        ),
        migrations.CreateModel(
            name='Absence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first_day', models.DateField(verbose_name='erster Tag')),
                ('last_day', models.DateField(verbose_name='letzter Tag')),
                ('deputy', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='deputises', to=settings.AUTH_USER_MODEL, verbose_name='Vertretung')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='absences', to=settings.AUTH_USER_MODEL, verbose_name='Person')),
            ],
            options={
                'verbose_name': 'Abwesenheit',
                'verbose_name_plural': 'Abwesenheiten',
                'indexes': [models.Index(fields=['person', 'last_day'], name='absence_of_person'), models.Index(fields=['deputy', 'last_day'], name='absence_of_deputy')],
                'constraints': [models.CheckConstraint(condition=models.Q(('last_day__gte', models.F('first_day'))), name='absence_ends_after_start'), models.CheckConstraint(condition=models.Q(('deputy__isnull', True), models.Q(('deputy', models.F('person')), _negated=True), _connector='OR'), name='absence_deputy_is_another')],
            },
        ),
    ]
