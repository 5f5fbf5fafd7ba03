"""Statistics that are public, and management reports with the facts frozen in them."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from accounts.create_tables import CreateTables
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_tables'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables([
            migrations.CreateModel(
                name='StatisticsChoice',
                fields=[
                    ('municipality', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='accounts.municipality', verbose_name='Kommune')),
                    ('is_published', models.BooleanField(default=False, verbose_name='Statistik veröffentlichen')),
                    ('by_category', models.BooleanField(default=True, verbose_name='nach Anliegenart')),
                    ('by_district', models.BooleanField(default=True, verbose_name='nach Stadtteil')),
                    ('by_office', models.BooleanField(default=False, help_text='Zahlen über Ämter sind sonst nur intern.', verbose_name='nach Amt')),
                    ('with_times', models.BooleanField(default=True, verbose_name='mit Zeiten und Fristen')),
                    ('with_satisfaction', models.BooleanField(default=False, verbose_name='mit Zufriedenheit')),
                    ('with_map', models.BooleanField(default=True, verbose_name='mit Karte der Häufigkeit')),
                    ('minimum', models.PositiveSmallIntegerField(default=5, help_text='Kleinere Zahlen werden verborgen, dazu so viele andere wie nötig.', validators=[django.core.validators.MinValueValidator(5), django.core.validators.MaxValueValidator(100)], verbose_name='kleinste Zahl, die gezeigt wird')),
                    ('grid_m', models.PositiveSmallIntegerField(default=500, validators=[django.core.validators.MinValueValidator(250), django.core.validators.MaxValueValidator(5000)], verbose_name='Raster der Karte in Metern')),
                    ('method_note', models.TextField(blank=True, default='', max_length=1000, verbose_name='eigener Hinweis zur Methode')),
                ],
                options={
                    'verbose_name': 'öffentliche Statistik',
                    'verbose_name_plural': 'öffentliche Statistik',
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('minimum__range', (5, 100))), name='statistics_minimum_at_least_5'),
                        models.CheckConstraint(condition=models.Q(('grid_m__range', (250, 5000))), name='statistics_grid_at_least_250_m'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='PublishedStatistics',
                fields=[
                    ('municipality_slug', models.CharField(max_length=40, primary_key=True, serialize=False)),
                    ('content', models.JSONField()),
                    ('etag', models.CharField(max_length=64)),
                    ('changed_at', models.DateTimeField()),
                ],
                options={
                    'db_table': 'published_statistics',
                },
            ),
            migrations.CreateModel(
                name='PublicStatistics',
                fields=[
                    ('municipality_slug', models.CharField(max_length=40, primary_key=True, serialize=False)),
                    ('content', models.JSONField()),
                    ('etag', models.CharField(max_length=64)),
                    ('changed_at', models.DateTimeField()),
                ],
                options={
                    'db_table': 'statistics',
                    'managed': False,
                },
            ),
            migrations.CreateModel(
                name='ManagementReport',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('lane', models.CharField(choices=[('citizen', 'Bürger'), ('staff', 'Verwaltung'), ('bulk', 'Massenarbeit'), ('media', 'Bilder'), ('periodic', 'Regelmäßiges')], max_length=12, verbose_name='Warteschlange')),
                    ('state', models.CharField(choices=[('pending', 'wartet'), ('leased', 'in Arbeit'), ('uncertain', 'Ausgang ungewiss'), ('done', 'erledigt'), ('dead', 'gescheitert'), ('cancelled', 'entfallen')], default='pending', max_length=12, verbose_name='Stand')),
                    ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='Versuche')),
                    ('next_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='nächster Versuch')),
                    ('lease_until', models.DateTimeField(blank=True, null=True, verbose_name='vergeben bis')),
                    ('settled_at', models.DateTimeField(blank=True, null=True, verbose_name='abgeschlossen')),
                    ('last_error', models.CharField(blank=True, default='', max_length=200, verbose_name='letzter Fehler')),
                    ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='angelegt')),
                    ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.municipality')),
                    ('office', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.office')),
                    ('first', models.DateField()),
                    ('last', models.DateField()),
                    ('edition', models.PositiveSmallIntegerField(default=1)),
                    ('standing', models.CharField(choices=[('draft', 'Entwurf'), ('released', 'freigegeben')], default='draft', max_length=8)),
                    ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('cut_off', models.DateTimeField(blank=True, null=True)),
                    ('basis_version', models.PositiveSmallIntegerField(default=0)),
                    ('basis_count', models.PositiveIntegerField(blank=True, null=True)),
                    ('basis_sha256', models.CharField(blank=True, default='', max_length=64)),
                    ('figures', models.JSONField(default=dict)),
                    ('figures_sha256', models.CharField(blank=True, default='', max_length=64)),
                    ('summary', models.TextField(blank=True, default='', max_length=5000, verbose_name='Zusammenfassung')),
                    ('comment', models.TextField(blank=True, default='', max_length=5000, verbose_name='Anmerkungen')),
                    ('outlook', models.TextField(blank=True, default='', max_length=5000, verbose_name='Ausblick')),
                    ('released_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('released_at', models.DateTimeField(blank=True, null=True)),
                    ('pdf', models.BinaryField(blank=True, null=True)),
                ],
                options={
                    'indexes': [
                        models.Index(condition=models.Q(('state__in', ['pending', 'leased', 'uncertain'])), fields=['lane', 'next_at', 'id'], name='management_report_due'),
                    ],
                    'constraints': [
                        models.UniqueConstraint(fields=('municipality', 'office', 'first', 'last', 'edition'), name='management_report_once', nulls_distinct=False),
                        models.UniqueConstraint(condition=models.Q(('standing', 'draft')), fields=('municipality', 'office', 'first', 'last'), name='management_report_one_draft', nulls_distinct=False),
                        models.CheckConstraint(condition=models.Q(('last__gte', models.F('first'))), name='management_report_period'),
                        models.CheckConstraint(condition=models.Q(models.Q(('released_at__isnull', True), ('released_by__isnull', True), ('standing', 'draft')), models.Q(('released_at__isnull', False), ('released_by__isnull', False), ('standing', 'released'), ('state', 'done')), _connector='OR'), name='management_report_released_by_somebody'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='FrozenCase',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cases', to='figures.managementreport')),
                    ('received_day', models.DateField()),
                    ('first_answer_day', models.DateField(null=True)),
                    ('first_answer_minutes', models.IntegerField(null=True)),
                    ('first_answer_kept', models.BooleanField(null=True)),
                    ('closed_day', models.DateField(null=True)),
                    ('completion_minutes', models.IntegerField(null=True)),
                    ('completion_kept', models.BooleanField(null=True)),
                    ('is_overdue', models.BooleanField()),
                    ('group_code', models.CharField(max_length=60)),
                    ('group_name', models.CharField(max_length=100)),
                    ('category_code', models.CharField(max_length=60)),
                    ('category_name', models.CharField(max_length=100)),
                    ('office_key', models.CharField(blank=True, max_length=40)),
                    ('office_name', models.CharField(blank=True, max_length=140)),
                    ('district_key', models.CharField(blank=True, max_length=80)),
                    ('district_name', models.CharField(blank=True, max_length=120)),
                    ('source', models.CharField(max_length=10)),
                    ('is_duplicate', models.BooleanField()),
                    ('reopened', models.PositiveSmallIntegerField()),
                    ('handovers', models.PositiveSmallIntegerField()),
                    ('returns', models.PositiveSmallIntegerField()),
                    ('handover_minutes', models.IntegerField(null=True)),
                    ('is_fixed', models.BooleanField(null=True)),
                    ('satisfaction', models.PositiveSmallIntegerField(null=True)),
                    ('is_imported', models.BooleanField()),
                ],
            ),
        ]),
    ]
