"""People, towns and their offices, roles, keys of programs, and what is counted against abuse."""

import accounts.models
import django.contrib.gis.db.models.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.utils.timezone
from accounts.create_tables import CreateTables
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('accounts', '0001_initial'),
        ('accounts', '0003_council_answer_days'),
        ('accounts', '0004_feedback_days'),
        ('accounts', '0005_abuse_limits'),
        ('accounts', '0006_api_client_permissions'),
        ('accounts', '0007_original_photo_days'),
        ('accounts', '0008_privacy_role'),
        ('accounts', '0009_open_data'),
        ('accounts', '0010_absence_and_reminders'),
        ('accounts', '0011_on_call_weeks'),
        ('accounts', '0012_incident_limits'),
        ('accounts', '0013_sitemap_is_an_address'),
        ('accounts', '0014_may_explain_routing'),
        ('accounts', '0015_private_ground'),
    ]

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        CreateTables([
            migrations.CreateModel(
                name='RateCounter',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('key_hash', models.CharField(max_length=64)),
                    ('window_start', models.DateTimeField()),
                    ('hits', models.PositiveIntegerField(default=0)),
                ],
                options={
                    'indexes': [
                        models.Index(fields=['window_start'], name='rate_counter_window'),
                    ],
                    'constraints': [
                        models.UniqueConstraint(fields=('key_hash', 'window_start'), name='rate_counter_key'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='DailySalt',
                fields=[
                    ('day', models.DateField(primary_key=True, serialize=False)),
                    ('salt', models.BinaryField()),
                ],
            ),
            migrations.CreateModel(
                name='Municipality',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('incident_reports', models.PositiveSmallIntegerField(db_default=8, default=8, help_text='0: nie', verbose_name='gleiche Meldungen, ab denen ein Ereignis vorgeschlagen wird')),
                    ('incident_minutes', models.PositiveSmallIntegerField(db_default=60, default=60, verbose_name='… innerhalb von so vielen Minuten')),
                    ('incident_cell_m', models.PositiveIntegerField(db_default=1000, default=1000, verbose_name='… und so vielen Metern')),
                    ('slug', models.CharField(help_text='Teil jeder Adresse und Open311-Kennung; später nicht mehr ändern.', max_length=40, unique=True, validators=[django.core.validators.RegexValidator('^[a-z][a-z0-9-]{1,39}$', 'Kleinbuchstaben, Ziffern und Bindestrich, 2 bis 40 Zeichen.'), accounts.models.refuse_reserved_slug], verbose_name='Kurzname in Adressen')),
                    ('name', models.CharField(max_length=80, verbose_name='Name')),
                    ('official_name', models.CharField(max_length=120, verbose_name='amtlicher Name')),
                    ('receipt_prefix', models.CharField(max_length=5, unique=True, validators=[django.core.validators.RegexValidator('^[A-ZÄÖÜ]{1,5}$', '1 bis 5 Großbuchstaben.')], verbose_name='Präfix der Vorgangsnummer')),
                    ('state', models.CharField(choices=[('BW', 'Baden-Württemberg'), ('BY', 'Bayern'), ('BE', 'Berlin'), ('BB', 'Brandenburg'), ('HB', 'Bremen'), ('HH', 'Hamburg'), ('HE', 'Hessen'), ('MV', 'Mecklenburg-Vorpommern'), ('NI', 'Niedersachsen'), ('NW', 'Nordrhein-Westfalen'), ('RP', 'Rheinland-Pfalz'), ('SL', 'Saarland'), ('SN', 'Sachsen'), ('ST', 'Sachsen-Anhalt'), ('SH', 'Schleswig-Holstein'), ('TH', 'Thüringen')], default='BW', max_length=2, verbose_name='Bundesland')),
                    ('time_zone', models.CharField(default='Europe/Berlin', max_length=40, verbose_name='Zeitzone')),
                    ('host_name', models.CharField(blank=True, help_text='Unter diesem Namen ist nur diese Kommune sichtbar.', max_length=120, null=True, unique=True, verbose_name='eigener Rechnername')),
                    ('coverage', django.contrib.gis.db.models.fields.MultiPolygonField(srid=4326, verbose_name='Stadtgebiet')),
                    ('center', django.contrib.gis.db.models.fields.PointField(srid=4326, verbose_name='Kartenmitte')),
                    ('contact_email', models.EmailField(max_length=254, verbose_name='E-Mail-Adresse')),
                    ('contact_phone', models.CharField(blank=True, default='', max_length=40, verbose_name='Telefon')),
                    ('website', models.URLField(blank=True, default='', verbose_name='Internetseite')),
                    ('emergency_contact', models.CharField(blank=True, default='', max_length=120, verbose_name='Rufnummer außerhalb der Dienstzeit')),
                    ('control_centre_email', models.EmailField(blank=True, default='', help_text='Erhält Gefahrenmeldungen, die niemand quittiert.', max_length=254, verbose_name='E-Mail der Leitstelle')),
                    ('control_centre_phone', models.CharField(blank=True, db_default='', default='', help_text='Erhält dieselben als SMS oder Anruf, wo es ein Gateway dafür gibt.', max_length=40, verbose_name='Rufnummer der Leitstelle')),
                    ('on_call_weekday', models.PositiveSmallIntegerField(db_default=0, default=0, help_text='0 = Montag', validators=[django.core.validators.MaxValueValidator(6)], verbose_name='Wochentag, an dem die Bereitschaft wechselt')),
                    ('on_call_hour', models.PositiveSmallIntegerField(db_default=7, default=7, validators=[django.core.validators.MaxValueValidator(23)], verbose_name='Stunde, zu der die Bereitschaft wechselt')),
                    ('interim_days', models.PositiveSmallIntegerField(db_default=0, default=0, help_text='0: keine Zwischennachricht.', verbose_name='Werktage ohne Neues bis zur Zwischennachricht')),
                    ('interim_by_itself', models.BooleanField(db_default=False, default=False, help_text='Sonst steht sie als Aufgabe in der Liste des Amts.', verbose_name='Zwischennachricht von selbst senden')),
                    ('acknowledge_minutes', models.PositiveSmallIntegerField(default=15, verbose_name='Minuten bis zur Quittung einer Gefahrenmeldung')),
                    ('held_hours', models.PositiveSmallIntegerField(default=4, validators=[django.core.validators.MinValueValidator(1)], verbose_name='Stunden bis zur Mahnung bei zurückgehaltenen Meldungen')),
                    ('intake_limits', models.JSONField(blank=True, default=dict, help_text='Nur was von der Voreinstellung abweicht, z. B. {"total": {"soft": 300}, "peer": {"soft": 20, "hard": 100}}', verbose_name='Mengengrenzen für Meldungen')),
                    ('handover_days', models.PositiveSmallIntegerField(default=3, verbose_name='Werktage zur Annahme einer Abgabe')),
                    ('council_answer_days', models.PositiveSmallIntegerField(db_default=15, default=15, verbose_name='Werktage bis zur Antwort auf eine Ratsanfrage')),
                    ('feedback_days', models.PositiveSmallIntegerField(db_default=14, default=14, help_text='0: es wird nicht gefragt. Eine Anliegenart kann abweichen.', verbose_name='Tage für „Stimmt das?“ nach einer Reparatur')),
                    ('tile_url', models.CharField(blank=True, default='', help_text='Leer: Karte aus den Gebietsumrissen. Sonst https://…/{z}/{x}/{y}.png', max_length=200, verbose_name='Kachelserver')),
                    ('tile_attribution', models.CharField(blank=True, default='', max_length=200, verbose_name='Quellenangabe der Karte')),
                    ('licence', models.CharField(default='https://www.govdata.de/dl-de/zero-2-0', max_length=120, verbose_name='Lizenz der offenen Daten')),
                    ('attribution', models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='Namensnennung')),
                    ('private_ground', models.CharField(choices=[('hold', 'wartet auf Freigabe'), ('snap', 'rückt an die nächste Straße')], db_default='hold', default='hold', help_text='Was daraus wird, bevor er öffentlich ist; eine Anliegenart kann es anders regeln. Eine Änderung gilt auch für das, was schon öffentlich ist.', max_length=6, verbose_name='Ort auf einem privaten Flurstück')),
                    ('contributor', models.CharField(blank=True, db_default='', default='', max_length=120, validators=[django.core.validators.RegexValidator('^http://dcat-ap\\.de/def/contributors/[A-Za-z]+$', 'Erwartet wird http://dcat-ap.de/def/contributors/…')], verbose_name='Datenportal')),
                    ('pages', models.JSONField(blank=True, default=dict, help_text='Impressum, Datenschutz, …', verbose_name='Seitentexte')),
                    ('is_live', models.BooleanField(default=True, verbose_name='öffentlich erreichbar')),
                    ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ],
                options={
                    'verbose_name': 'Kommune',
                    'verbose_name_plural': 'Kommunen',
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('slug__in', ['.well-known', 'account', 'accounts', 'admin', 'api', 'desk', 'favicon.ico', 'healthz', 'i18n', 'konto', 'manifest.webmanifest', 'media', 'open311', 'opendata', 'readyz', 'robots.txt', 'sitemap.xml', 'sprache', 'static', 'sw.js', 'test', 'tiles']), _negated=True), name='municipality_slug_not_reserved'),
                        models.CheckConstraint(condition=models.Q(('slug__regex', '^[a-z][a-z0-9-]{1,39}$')), name='municipality_slug_format'),
                        models.CheckConstraint(condition=models.Q(('receipt_prefix__regex', '^[A-ZÄÖÜ]{1,5}$')), name='municipality_prefix_format'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Office',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offices', to='accounts.municipality', verbose_name='Kommune')),
                    ('key', models.CharField(help_text='bleibt für immer gleich', max_length=40, verbose_name='Schlüssel')),
                    ('number', models.CharField(blank=True, default='', max_length=12, verbose_name='Nummer')),
                    ('name', models.CharField(max_length=120, verbose_name='Name')),
                    ('short_name', models.CharField(blank=True, default='', max_length=60, verbose_name='Kurzname')),
                    ('email', models.EmailField(max_length=254, verbose_name='Postfach')),
                    ('phone', models.CharField(blank=True, default='', max_length=40, verbose_name='Telefon')),
                    ('is_dispatch', models.BooleanField(default=False, help_text='genau eine je Kommune', verbose_name='Dispositionsstelle')),
                    ('valid_from', models.DateField(blank=True, null=True, verbose_name='gültig ab')),
                    ('valid_to', models.DateField(blank=True, null=True, verbose_name='gültig bis')),
                    ('successor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='predecessors', to='accounts.office', verbose_name='Nachfolger')),
                    ('note', models.CharField(blank=True, default='', max_length=200, verbose_name='Bemerkung')),
                ],
                options={
                    'verbose_name': 'Amt',
                    'verbose_name_plural': 'Ämter',
                    'constraints': [
                        models.UniqueConstraint(fields=('municipality', 'key'), name='office_key_unique'),
                        models.UniqueConstraint(condition=models.Q(('is_dispatch', True)), fields=('municipality',), name='office_one_dispatch_per_municipality'),
                        models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_from__isnull', True), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='office_valid_range'),
                        models.CheckConstraint(condition=models.Q(('successor__isnull', True), ('valid_to__isnull', False), _connector='OR'), name='office_successor_needs_end'),
                        models.CheckConstraint(condition=models.Q(('is_dispatch', False), ('valid_to__isnull', True), _connector='OR'), name='office_dispatch_has_no_end'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='OfficeName',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('office', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='former_names', to='accounts.office')),
                    ('number', models.CharField(blank=True, default='', max_length=12, verbose_name='Nummer')),
                    ('name', models.CharField(max_length=120, verbose_name='Name')),
                    ('valid_to', models.DateField(verbose_name='geführt bis')),
                ],
                options={
                    'verbose_name': 'früherer Name',
                    'verbose_name_plural': 'frühere Namen',
                },
            ),
            migrations.CreateModel(
                name='User',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('password', models.CharField(max_length=128, verbose_name='password')),
                    ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                    ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                    ('email', models.EmailField(max_length=254, unique=True, verbose_name='E-Mail-Adresse')),
                    ('first_name', models.CharField(blank=True, default='', max_length=60, verbose_name='Vorname')),
                    ('last_name', models.CharField(blank=True, default='', max_length=60, verbose_name='Nachname')),
                    ('phone', models.CharField(blank=True, default='', max_length=40, verbose_name='Telefon')),
                    ('is_active', models.BooleanField(default=True, verbose_name='aktiv')),
                    ('is_staff', models.BooleanField(default=False, help_text='Verwaltung der Stammdaten.', verbose_name='Zugang zur Administration')),
                    ('date_joined', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                    ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                    ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                ],
                options={
                    'verbose_name': 'Person',
                    'verbose_name_plural': 'Personen',
                    'constraints': [
                        models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='user_email_unique_ignoring_case'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Absence',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='absences', to=settings.AUTH_USER_MODEL, verbose_name='Person')),
                    ('first_day', models.DateField(verbose_name='erster Tag')),
                    ('last_day', models.DateField(verbose_name='letzter Tag')),
                    ('deputy', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='deputises', to=settings.AUTH_USER_MODEL, verbose_name='Vertretung')),
                ],
                options={
                    'verbose_name': 'Abwesenheit',
                    'verbose_name_plural': 'Abwesenheiten',
                    'indexes': [
                        models.Index(fields=['person', 'last_day'], name='absence_of_person'),
                        models.Index(fields=['deputy', 'last_day'], name='absence_of_deputy'),
                    ],
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('last_day__gte', models.F('first_day'))), name='absence_ends_after_start'),
                        models.CheckConstraint(condition=models.Q(('deputy__isnull', True), models.Q(('deputy', models.F('person')), _negated=True), _connector='OR'), name='absence_deputy_is_another'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='ApiClient',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('municipality', models.ForeignKey(blank=True, help_text='leer: für alle Kommunen', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='api_clients', to='accounts.municipality', verbose_name='Kommune')),
                    ('name', models.CharField(max_length=80, verbose_name='Name')),
                    ('contact_email', models.EmailField(blank=True, default='', max_length=254, verbose_name='Ansprechperson')),
                    ('token_hash', models.CharField(editable=False, max_length=64, unique=True)),
                    ('rate_class', models.CharField(choices=[('standard', 'üblich'), ('trusted', 'erhöht'), ('bulk', 'Massenübernahme')], default='standard', max_length=12, verbose_name='Mengenklasse')),
                    ('is_active', models.BooleanField(default=True, verbose_name='aktiv')),
                    ('is_test_only', models.BooleanField(default=False, help_text='Gilt nur am Open311-Testendpunkt; von dort erreicht nichts ein Amt.', verbose_name='nur zum Ausprobieren')),
                    ('may_post_requests', models.BooleanField(default=True, verbose_name='darf Meldungen senden')),
                    ('may_post_updates', models.BooleanField(default=False, help_text='Open311: zu den eigenen Meldungen und zu Vorgängen des Amtes unten.', verbose_name='darf Nachrichten zu Vorgängen senden')),
                    ('may_post_bulk', models.BooleanField(default=False, verbose_name='darf viele Meldungen auf einmal senden')),
                    ('may_explain_routing', models.BooleanField(db_default=False, default=False, help_text='Für eigene Werkzeuge: Amt, Fristen und Gründe für einen gedachten Fall.', verbose_name='darf Zuständigkeiten erklären lassen')),
                    ('acts_as', models.ForeignKey(blank=True, help_text='Person mit der Rolle Sachbearbeitung: In ihrem Namen und mit ihren Rechten ändert das Partnersystem den Stand von Vorgängen. Leer: Es ändert keinen Stand.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='bearbeitet Vorgänge als')),
                    ('media_hosts', models.CharField(blank=True, default='', help_text='Mit Komma getrennt. Nur von dort wird eine media_url abgerufen.', max_length=400, verbose_name='Rechner, von denen Fotos geholt werden')),
                    ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ],
                options={
                    'verbose_name': 'API-Zugang',
                    'verbose_name_plural': 'API-Zugänge',
                },
            ),
            migrations.CreateModel(
                name='Team',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('office', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='teams', to='accounts.office')),
                    ('name', models.CharField(max_length=80, verbose_name='Name')),
                    ('lead', models.ForeignKey(blank=True, help_text='Wird erinnert, wenn eine Frist verstreicht.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='leads', to=settings.AUTH_USER_MODEL, verbose_name='Teamleitung')),
                ],
                options={
                    'verbose_name': 'Team',
                    'verbose_name_plural': 'Teams',
                    'constraints': [
                        models.UniqueConstraint(fields=('office', 'name'), name='team_name_unique'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='RoleAssignment',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='roles', to=settings.AUTH_USER_MODEL, verbose_name='Person')),
                    ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='role_assignments', to='accounts.municipality', verbose_name='Kommune')),
                    ('office', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='role_assignments', to='accounts.office', verbose_name='Amt')),
                    ('role', models.CharField(choices=[('clerk', 'Sachbearbeitung'), ('dispatcher', 'Disposition'), ('moderator', 'Redaktion'), ('manager', 'Amtsleitung'), ('privacy', 'Datenschutz'), ('admin', 'Administration')], max_length=12, verbose_name='Rolle')),
                ],
                options={
                    'verbose_name': 'Rolle',
                    'verbose_name_plural': 'Rollen',
                    'constraints': [
                        models.UniqueConstraint(fields=('user', 'municipality', 'office', 'role'), name='role_assignment_unique', nulls_distinct=False),
                        models.CheckConstraint(condition=models.Q(models.Q(('role', 'clerk'), _negated=True), ('office__isnull', False), _connector='OR'), name='role_clerk_needs_office'),
                    ],
                },
            ),
        ]),
        # Counters are rewritten again and again: room in each page keeps that off the index.
        migrations.RunSQL(
            "ALTER TABLE accounts_ratecounter SET (fillfactor = 50)",
            "ALTER TABLE accounts_ratecounter RESET (fillfactor)",
        ),
    ]
