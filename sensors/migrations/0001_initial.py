"""Devices that measure, and from which value on they open a case."""

import django.contrib.gis.db.models.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from accounts.create_tables import CreateTables
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_tables'),
    ]

    operations = [
        CreateTables([
            migrations.CreateModel(
                name='Fleet',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.municipality')),
                    ('name', models.CharField(max_length=80, verbose_name='Bezeichnung')),
                    ('payload_format', models.CharField(choices=[('chirpstack', 'ChirpStack (v3 und v4, JSON)'), ('ttn', 'The Things Stack (v3)'), ('plain', 'einfaches JSON')], default='chirpstack', max_length=10, verbose_name='Format')),
                    ('key_version', models.PositiveSmallIntegerField(default=1)),
                    ('is_active', models.BooleanField(default=True, verbose_name='aktiv')),
                    ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ],
                options={
                    'verbose_name': 'Geräteflotte',
                    'verbose_name_plural': 'Geräteflotten',
                    'constraints': [
                        models.UniqueConstraint(fields=('municipality', 'name'), name='fleet_name_unique'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Watch',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('fleet', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='watches', to='sensors.fleet')),
                    ('name', models.CharField(help_text='So heißt der Anlass im Vorgang.', max_length=80, verbose_name='Bezeichnung')),
                    ('measurement', models.CharField(help_text='Name im dekodierten Datensatz, z. B. fill_level oder messung.fuellstand.', max_length=80, validators=[django.core.validators.RegexValidator('^[A-Za-z0-9_]+(\\.[A-Za-z0-9_]+)*$')], verbose_name='Messwert')),
                    ('unit', models.CharField(blank=True, default='', max_length=12, verbose_name='Einheit')),
                    ('opens_at', models.FloatField(verbose_name='Vorgang ab')),
                    ('closes_at', models.FloatField(verbose_name='erledigt bei')),
                    ('readings_needed', models.PositiveSmallIntegerField(default=2, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(50)], verbose_name='Messungen in Folge')),
                    ('rest_hours', models.PositiveSmallIntegerField(default=12, help_text='So lange nach dem Ende eines Vorgangs wird kein neuer eröffnet.', validators=[django.core.validators.MaxValueValidator(720)], verbose_name='Ruhezeit in Stunden')),
                    ('category_code', models.CharField(max_length=80, verbose_name='Anliegenart')),
                    ('closes_itself', models.BooleanField(default=True, verbose_name='Vorgang selbst schließen')),
                    ('is_active', models.BooleanField(default=True, verbose_name='aktiv')),
                ],
                options={
                    'verbose_name': 'Schwelle',
                    'verbose_name_plural': 'Schwellen',
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('opens_at', models.F('closes_at')), _negated=True), name='watch_thresholds_lie_apart'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Device',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('fleet', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='devices', to='sensors.fleet')),
                    ('eui', models.CharField(max_length=32, validators=[django.core.validators.RegexValidator('^[0-9A-Za-z_-]{4,32}$')], verbose_name='Gerätekennung (DevEUI)')),
                    ('name', models.CharField(blank=True, default='', max_length=120, verbose_name='Bezeichnung')),
                    ('place', django.contrib.gis.db.models.fields.PointField(blank=True, null=True, srid=4326, verbose_name='Ort')),
                    ('address', models.CharField(blank=True, default='', max_length=200, verbose_name='Adresse')),
                    ('is_active', models.BooleanField(default=False, verbose_name='aktiv')),
                    ('last_seen_at', models.DateTimeField(blank=True, null=True, verbose_name='zuletzt gehört')),
                    ('last_values', models.JSONField(blank=True, default=dict, verbose_name='letzte Werte')),
                    ('silent_after_hours', models.PositiveSmallIntegerField(default=48, validators=[django.core.validators.MinValueValidator(1)], verbose_name='gilt als stumm nach Stunden')),
                ],
                options={
                    'verbose_name': 'Gerät',
                    'verbose_name_plural': 'Geräte',
                    'constraints': [
                        models.UniqueConstraint(fields=('fleet', 'eui'), name='device_eui_unique'),
                        models.CheckConstraint(condition=models.Q(('is_active', False), ('place__isnull', False), _connector='OR'), name='device_active_has_place'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Standing',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('device', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='standings', to='sensors.device')),
                    ('watch', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='standings', to='sensors.watch')),
                    ('over_in_a_row', models.PositiveSmallIntegerField(default=0)),
                    ('episode', models.PositiveIntegerField(default=0)),
                    ('is_open', models.BooleanField(default=False)),
                    ('case_number', models.CharField(blank=True, default='', max_length=24)),
                    ('ended_at', models.DateTimeField(blank=True, null=True)),
                    ('last_value', models.FloatField(blank=True, null=True)),
                ],
                options={
                    'constraints': [
                        models.UniqueConstraint(fields=('device', 'watch'), name='standing_unique'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Reading',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('device', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='sensors.device')),
                    ('message_key', models.CharField(max_length=64)),
                    ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ],
                options={
                    'indexes': [
                        models.Index(fields=['at'], name='reading_by_time'),
                    ],
                    'constraints': [
                        models.UniqueConstraint(fields=('device', 'message_key'), name='reading_taken_once'),
                    ],
                },
            ),
        ]),
    ]
