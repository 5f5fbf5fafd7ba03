"""What is reported, where, and the rules that say who is responsible and by when."""

import django.contrib.gis.db.models.fields
import django.contrib.postgres.fields
import django.core.validators
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.functions.datetime
import routing.area_attributes
import routing.asset
import routing.word_topic
import uuid
from accounts.create_tables import CreateTables
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('routing', '0001_initial'),
        ('routing', '0003_feedback_days'),
        ('routing', '0004_word_topics_and_richer_questions'),
        ('routing', '0005_areas_of_every_kind'),
        ('routing', '0006_rule_sets'),
        ('routing', '0007_assets'),
        ('routing', '0008_private_ground_and_timers'),
        ('routing', '0009_repeat_priority'),
    ]

    dependencies = [
        ('accounts', '0001_tables'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables([
            migrations.CreateModel(
                name='GroundCheck',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('municipality_id', models.BigIntegerField(editable=False, verbose_name='Kommune')),
                    ('category_id', models.BigIntegerField(editable=False, null=True, verbose_name='Anliegenart')),
                    ('geometry', django.contrib.gis.db.models.fields.MultiPolygonField(editable=False, null=True, spatial_index=False, srid=4326, verbose_name='Fläche')),
                    ('after', models.BigIntegerField(db_default=0, default=0, editable=False, verbose_name='geprüft bis')),
                    ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='angelegt')),
                ],
                options={
                    'verbose_name': 'Prüfung öffentlicher Orte',
                    'verbose_name_plural': 'Prüfungen öffentlicher Orte',
                },
            ),
            migrations.CreateModel(
                name='LayerUpload',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.municipality')),
                    ('name', models.CharField(max_length=120)),
                    ('content', models.BinaryField()),
                    ('uploaded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ],
                options={
                    'indexes': [
                        models.Index(fields=['uploaded_at'], name='layer_upload_age'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='WordTopic',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='word_topics', to='accounts.municipality', verbose_name='Kommune')),
                    ('kind', models.CharField(choices=[('danger', 'Gefahr'), ('not_offered', 'wird hier nicht angeboten')], max_length=12, verbose_name='Bedeutung')),
                    ('code', models.SlugField(max_length=40, verbose_name='Code')),
                    ('words', models.TextField(blank=True, default='', help_text='Je Zeile eines. * = beliebige Buchstaben, / = oder, … = Wörter dazwischen.', validators=[routing.word_topic.refuse_useless_lines], verbose_name='weitere Stichwörter')),
                    ('hint_words', models.TextField(blank=True, default='', help_text='Bei Gefahr: Der Hinweis erscheint, die Bereitschaft wird nicht alarmiert.', validators=[routing.word_topic.refuse_useless_lines], verbose_name='Stichwörter nur für einen Hinweis')),
                    ('unused_words', models.TextField(blank=True, default='', help_text='Zeilen genau wie in der mitgelieferten Liste.', verbose_name='mitgelieferte Stichwörter, die hier nicht gelten')),
                    ('text', models.CharField(blank=True, default='', max_length=400, verbose_name='Hinweis vor dem Absenden')),
                    ('text_en', models.CharField(blank=True, default='', max_length=400, verbose_name='Hinweis (englisch)')),
                    ('contact', models.CharField(blank=True, default='', max_length=120, verbose_name='zuständige Stelle')),
                    ('phone', models.CharField(blank=True, default='', max_length=40, verbose_name='Rufnummer')),
                    ('url', models.URLField(blank=True, default='', verbose_name='Internetseite')),
                    ('is_active', models.BooleanField(default=True, verbose_name='in Kraft')),
                ],
                options={
                    'verbose_name': 'Stichwort-Hinweis',
                    'verbose_name_plural': 'Stichwort-Hinweise',
                    'constraints': [
                        models.UniqueConstraint(fields=('municipality', 'kind', 'code'), name='word_topic_code_unique'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='RuleSet',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rule_sets', to='accounts.municipality')),
                    ('version', models.PositiveIntegerField(blank=True, null=True, verbose_name='Version')),
                    ('reason', models.CharField(max_length=400, verbose_name='Anlass')),
                    ('based_on', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='followers', to='routing.ruleset')),
                    ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ('changed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ('revision', models.PositiveIntegerField(default=0)),
                    ('in_force_from', models.DateTimeField(blank=True, null=True, verbose_name='in Kraft ab')),
                    ('activated_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('activated_at', models.DateTimeField(blank=True, null=True)),
                ],
                options={
                    'verbose_name': 'Regelwerk',
                    'verbose_name_plural': 'Regelwerke',
                    'indexes': [
                        models.Index(condition=models.Q(('version__isnull', False)), fields=['municipality', '-in_force_from', '-version'], name='rule_set_in_force'),
                    ],
                    'constraints': [
                        models.UniqueConstraint(fields=('municipality', 'version'), name='rule_set_version_unique'),
                        models.CheckConstraint(condition=models.Q(models.Q(('in_force_from__isnull', True), ('version__isnull', True)), models.Q(('in_force_from__isnull', False), ('version__isnull', False)), _connector='OR'), name='rule_set_version_has_a_beginning'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Area',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='areas', to='accounts.municipality', verbose_name='Kommune')),
                    ('level', models.CharField(choices=[('municipality', 'Stadtgebiet'), ('district', 'Stadtteil'), ('beat', 'Bezirk'), ('road', 'Straße'), ('rail', 'Bahnanlage'), ('water', 'Gewässer'), ('parcel', 'Flurstück')], default='district', max_length=16, verbose_name='Ebene')),
                    ('key', models.CharField(max_length=80, verbose_name='Schlüssel')),
                    ('name', models.CharField(max_length=120, verbose_name='Name')),
                    ('geometry', django.contrib.gis.db.models.fields.MultiPolygonField(srid=4326, verbose_name='Fläche')),
                    ('centre_line', django.contrib.gis.db.models.fields.MultiLineStringField(blank=True, null=True, srid=4326, verbose_name='Mittellinie')),
                    ('buffer_m', models.FloatField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0.5), django.core.validators.MaxValueValidator(500)], verbose_name='Meter zu jeder Seite der Mittellinie')),
                    ('attributes', models.JSONField(blank=True, default=dict, validators=[routing.area_attributes.validate_attributes], verbose_name='Eigenschaften')),
                    ('valid_from', models.DateField(blank=True, null=True, verbose_name='gültig ab')),
                    ('valid_to', models.DateField(blank=True, null=True, verbose_name='gültig bis')),
                    ('source', models.CharField(blank=True, default='', max_length=200, verbose_name='Quelle')),
                ],
                options={
                    'verbose_name': 'Gebiet',
                    'verbose_name_plural': 'Gebiete',
                    'constraints': [
                        models.UniqueConstraint(fields=('municipality', 'level', 'key', 'valid_from'), name='area_key_unique', nulls_distinct=False),
                        models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_from__isnull', True), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='area_valid_range'),
                        models.CheckConstraint(condition=models.Q(models.Q(('buffer_m__isnull', True), ('centre_line__isnull', True)), models.Q(('buffer_m__gt', 0), ('centre_line__isnull', False)), _connector='OR'), name='area_line_has_width'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Category',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='categories', to='accounts.municipality', verbose_name='Kommune')),
                    ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='routing.category', verbose_name='Gruppe')),
                    ('code', models.CharField(max_length=60, validators=[django.core.validators.RegexValidator('^[a-z0-9][a-z0-9._-]{0,59}$', 'Kleinbuchstaben, Ziffern, Punkt, Bindestrich.')], verbose_name='Code')),
                    ('name', models.CharField(max_length=100, verbose_name='Name')),
                    ('description', models.CharField(blank=True, default='', max_length=400, verbose_name='Beschreibung')),
                    ('notice', models.CharField(blank=True, default='', max_length=400, verbose_name='Hinweis vor dem Absenden')),
                    ('keywords', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=120), blank=True, default=list, size=None, verbose_name='Suchwörter')),
                    ('icon', models.CharField(blank=True, default='', max_length=40, verbose_name='Zeichen')),
                    ('default_office', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.office', verbose_name='zuständig, wenn keine Regel greift')),
                    ('publication_policy', models.CharField(choices=[('automatic', 'sofort: Art, Stand und gerundeter Ort'), ('after_approval', 'nach Freigabe'), ('coarse', 'nach Freigabe, nur grober Ort und Monat'), ('never', 'nie')], default='after_approval', max_length=16, verbose_name='Veröffentlichung')),
                    ('public_grid_m', models.PositiveIntegerField(default=10, validators=[django.core.validators.MinValueValidator(10), django.core.validators.MaxValueValidator(5000)], verbose_name='Raster des öffentlichen Ortes in Metern')),
                    ('private_ground', models.CharField(blank=True, choices=[('', 'wie für die Kommune eingestellt'), ('hold', 'wartet auf Freigabe'), ('snap', 'rückt an die nächste Straße'), ('ignore', 'bleibt unbeachtet')], db_default='', default='', help_text='Flurstücke mit Eigentum „privat“ in den Gebieten; ohne solche ohne Wirkung.', max_length=6, verbose_name='Ort auf einem privaten Flurstück')),
                    ('decide_within_hours', models.PositiveSmallIntegerField(blank=True, help_text='Danach gilt es in der Freigabe als überfällig. Leer: keine Frist.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(2000)], verbose_name='Stunden, in denen über die Veröffentlichung entschieden sein soll')),
                    ('publish_after_hours', models.PositiveSmallIntegerField(blank=True, help_text='Nur Art, Stand und Ort, nie Fotos; nur bei „nach Freigabe“. Leer: nie von selbst.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(2000)], verbose_name='ohne Entscheidung öffentlich nach Stunden')),
                    ('publish_text_by_time', models.BooleanField(db_default=False, default=False, verbose_name='dann auch den Text, wenn die Textprüfung nichts findet')),
                    ('first_answer_hours', models.PositiveSmallIntegerField(default=24, verbose_name='Arbeitsstunden bis zur ersten Antwort')),
                    ('completion_hours', models.PositiveSmallIntegerField(default=80, verbose_name='Arbeitsstunden bis zur Erledigung')),
                    ('is_danger', models.BooleanField(default=False, help_text='Frist läuft rund um die Uhr; Bereitschaft wird alarmiert.', verbose_name='Gefahr')),
                    ('duplicate_radius_m', models.PositiveIntegerField(default=50, verbose_name='Umkreis für ähnliche Meldungen in Metern')),
                    ('feedback_days', models.PositiveSmallIntegerField(blank=True, help_text='Leer: wie die Kommune. 0: es wird nicht gefragt.', null=True, verbose_name='Tage für „Stimmt das?“')),
                    ('sort_order', models.PositiveSmallIntegerField(default=100, verbose_name='Reihenfolge')),
                    ('is_active', models.BooleanField(default=True, verbose_name='angeboten')),
                ],
                options={
                    'verbose_name': 'Anliegenart',
                    'verbose_name_plural': 'Anliegenarten',
                    'constraints': [
                        models.UniqueConstraint(fields=('municipality', 'code'), name='category_code_unique'),
                        models.CheckConstraint(condition=models.Q(('public_grid_m__gte', 10)), name='category_grid_at_least_10_m'),
                        models.CheckConstraint(condition=models.Q(models.Q(('publication_policy', 'coarse'), _negated=True), ('public_grid_m__gte', 250), _connector='OR'), name='category_coarse_means_250_m'),
                        models.CheckConstraint(condition=models.Q(('publish_after_hours__isnull', True), ('publication_policy', 'after_approval'), _connector='OR'), name='category_timer_only_after_approval'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='AssetLayer',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='asset_layers', to='accounts.municipality', verbose_name='Kommune')),
                    ('code', models.CharField(max_length=40, validators=[django.core.validators.RegexValidator('^[a-z0-9][a-z0-9_-]{0,39}$', 'Kleinbuchstaben, Ziffern, Bindestrich.')], verbose_name='Code')),
                    ('name', models.CharField(max_length=80, verbose_name='Name')),
                    ('one', models.CharField(help_text='z. B. Leuchte, Baum, Papierkorb; auch vor Nummern in der Suche.', max_length=60, verbose_name='ein einzelnes heißt')),
                    ('label_template', models.CharField(default='{one} {key}', help_text='{one}, {key} und Eigenschaften, z. B. „{one} {key}, {strasse}“.', max_length=120, validators=[routing.asset.check_label_template], verbose_name='Aufschrift')),
                    ('icon', models.CharField(blank=True, default='pin', max_length=40, verbose_name='Zeichen')),
                    ('radius_m', models.PositiveSmallIntegerField(default=40, validators=[django.core.validators.MinValueValidator(5), django.core.validators.MaxValueValidator(500)], verbose_name='Umkreis in Metern')),
                    ('is_public', models.BooleanField(default=True, help_text='Sonst sehen und wählen nur Mitarbeitende diese Objekte.', verbose_name='öffentlich')),
                    ('public_attributes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, help_text='Mit Komma getrennt; alle anderen bleiben im Haus.', size=None, verbose_name='öffentliche Eigenschaften')),
                    ('repeat_count', models.PositiveSmallIntegerField(default=3, validators=[django.core.validators.MinValueValidator(2)], verbose_name='auffällig ab so vielen Fällen')),
                    ('repeat_months', models.PositiveSmallIntegerField(default=6, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(60)], verbose_name='in so vielen Monaten')),
                    ('repeat_priority', models.CharField(blank=True, choices=[('', 'wie nach den Regeln'), ('high', 'hoch'), ('urgent', 'dringend')], db_default='high', default='high', max_length=8, verbose_name='Dringlichkeit dann mindestens')),
                    ('is_active', models.BooleanField(default=True, verbose_name='angeboten')),
                    ('source', models.CharField(blank=True, default='', max_length=200, verbose_name='Quelle')),
                    ('imported_at', models.DateTimeField(blank=True, null=True, verbose_name='zuletzt übernommen')),
                    ('categories', models.ManyToManyField(blank=True, help_text='Wer eine davon meldet, bekommt Objekte in der Nähe angeboten.', related_name='asset_layers', to='routing.category', verbose_name='Anliegenarten')),
                ],
                options={
                    'verbose_name': 'Objektebene',
                    'verbose_name_plural': 'Objektebenen',
                    'constraints': [
                        models.UniqueConstraint(fields=('municipality', 'code'), name='asset_layer_code_unique'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Asset',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('layer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assets', to='routing.assetlayer')),
                    ('key', models.CharField(max_length=80, verbose_name='Nummer')),
                    ('number', models.CharField(editable=False, max_length=80)),
                    ('label', models.CharField(max_length=160, verbose_name='Aufschrift')),
                    ('place', django.contrib.gis.db.models.fields.PointField(srid=4326, verbose_name='Ort')),
                    ('attributes', models.JSONField(blank=True, default=dict, verbose_name='Eigenschaften')),
                    ('gone_since', models.DateField(blank=True, null=True, verbose_name='nicht mehr verzeichnet seit')),
                    ('added_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='zuletzt geändert')),
                ],
                options={
                    'verbose_name': 'Objekt',
                    'verbose_name_plural': 'Objekte',
                    'indexes': [
                        models.Index(fields=['number', 'layer'], name='asset_number'),
                    ],
                    'constraints': [
                        models.UniqueConstraint(fields=('layer', 'key'), name='asset_key_unique'),
                        models.CheckConstraint(condition=models.Q(('key', ''), _negated=True), name='asset_has_key'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='CategoryNotice',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='category_notices', to='accounts.municipality', verbose_name='Kommune')),
                    ('category', models.ForeignKey(blank=True, help_text='Leer: alle Anliegenarten.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='routing.category', verbose_name='Anliegenart oder Gruppe')),
                    ('area', models.ForeignKey(blank=True, help_text='Leer: ganzes Stadtgebiet.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='routing.area', verbose_name='Gebiet')),
                    ('effect', models.CharField(choices=[('show', 'Hinweis zeigen'), ('pause', 'nicht anbieten')], default='show', max_length=8, verbose_name='Wirkung')),
                    ('valid_from', models.DateField(blank=True, null=True, verbose_name='von')),
                    ('valid_to', models.DateField(blank=True, null=True, verbose_name='bis')),
                    ('is_yearly', models.BooleanField(default=False, help_text='Nur Tag und Monat zählen.', verbose_name='jedes Jahr')),
                    ('hours', models.CharField(choices=[('always', 'immer'), ('closed', 'nur außerhalb der Dienstzeit'), ('open', 'nur während der Dienstzeit')], default='always', max_length=8, verbose_name='Uhrzeit')),
                    ('text', models.CharField(max_length=400, verbose_name='Text')),
                    ('translations', models.JSONField(blank=True, default=dict, verbose_name='Übersetzungen')),
                    ('contact', models.CharField(blank=True, default='', max_length=120, verbose_name='Wohin sich Bürger wenden können')),
                    ('phone', models.CharField(blank=True, default='', max_length=40, verbose_name='Rufnummer')),
                    ('url', models.URLField(blank=True, default='', verbose_name='Internetseite')),
                    ('is_active', models.BooleanField(default=True, verbose_name='in Kraft')),
                ],
                options={
                    'verbose_name': 'Hinweis oder Pause',
                    'verbose_name_plural': 'Hinweise und Pausen',
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('is_yearly', False), models.Q(('valid_from__isnull', False), ('valid_to__isnull', False)), _connector='OR'), name='notice_yearly_has_dates'),
                        models.CheckConstraint(condition=models.Q(('is_yearly', True), ('valid_from__isnull', True), ('valid_to__isnull', True), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='notice_valid_range'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Rule',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rules', to='accounts.municipality', verbose_name='Kommune')),
                    ('rule_set', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rules', to='routing.ruleset')),
                    ('line', models.UUIDField(default=uuid.uuid4, editable=False)),
                    ('priority', models.PositiveIntegerField(help_text='Die kleinste passende Zahl gewinnt.', verbose_name='Rang')),
                    ('name', models.CharField(max_length=120, verbose_name='Name')),
                    ('category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='rules', to='routing.category', verbose_name='Anliegenart oder Gruppe')),
                    ('area', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='rules', to='routing.area', verbose_name='Gebiet')),
                    ('condition', models.JSONField(blank=True, default=dict, verbose_name='weitere Bedingungen')),
                    ('office', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rules', to='accounts.office', verbose_name='zuständiges Amt')),
                    ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.team')),
                    ('assignee', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('urgency', models.CharField(blank=True, db_default='', default='', max_length=8)),
                    ('first_answer_hours', models.PositiveSmallIntegerField(blank=True, null=True)),
                    ('completion_hours', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='abweichende Arbeitsstunden')),
                    ('around_the_clock', models.BooleanField(db_default=False, default=False)),
                    ('tags', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), blank=True, db_default=[], default=list, size=None)),
                    ('publication_policy', models.CharField(blank=True, choices=[('automatic', 'sofort: Art, Stand und gerundeter Ort'), ('after_approval', 'nach Freigabe'), ('coarse', 'nach Freigabe, nur grober Ort und Monat'), ('never', 'nie')], db_default='', default='', max_length=16)),
                    ('first_look', models.BooleanField(db_default=False, default=False)),
                    ('is_confidential', models.BooleanField(db_default=False, default=False)),
                    ('notice', models.CharField(blank=True, db_default='', default='', max_length=400)),
                    ('copies', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, db_default=[], default=list, size=None)),
                    ('marks_danger', models.BooleanField(default=False, verbose_name='als Gefahr behandeln')),
                    ('is_active', models.BooleanField(default=True, verbose_name='in Kraft')),
                ],
                options={
                    'verbose_name': 'Zuständigkeitsregel',
                    'verbose_name_plural': 'Zuständigkeitsregeln',
                    'constraints': [
                        models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('rule_set', 'priority'), name='rule_priority_unique'),
                        models.UniqueConstraint(fields=('rule_set', 'line'), name='rule_line_unique'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='CategoryTranslation',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('category', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='translations', to='routing.category')),
                    ('language', models.CharField(max_length=8, verbose_name='Sprache')),
                    ('name', models.CharField(max_length=100, verbose_name='Name')),
                    ('description', models.CharField(blank=True, default='', max_length=400, verbose_name='Beschreibung')),
                    ('notice', models.CharField(blank=True, default='', max_length=400, verbose_name='Hinweis')),
                ],
                options={
                    'verbose_name': 'Übersetzung',
                    'verbose_name_plural': 'Übersetzungen',
                    'constraints': [
                        models.UniqueConstraint(fields=('category', 'language'), name='category_translation_unique'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Question',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('category', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='questions', to='routing.category')),
                    ('code', models.CharField(max_length=60, validators=[django.core.validators.RegexValidator('^[a-z0-9][a-z0-9._-]{0,59}$', 'Kleinbuchstaben, Ziffern, Punkt, Bindestrich.')], verbose_name='Code')),
                    ('order', models.PositiveSmallIntegerField(default=1, verbose_name='Reihenfolge')),
                    ('datatype', models.CharField(choices=[('string', 'kurzer Text'), ('text', 'langer Text'), ('number', 'Zahl'), ('date', 'Datum'), ('single', 'eine Auswahl'), ('multiple', 'mehrere Auswahlen')], max_length=10, verbose_name='Art')),
                    ('is_required', models.BooleanField(default=False, verbose_name='Pflicht')),
                    ('is_confidential', models.BooleanField(default=False, help_text='z. B. ein Kennzeichen; nie öffentlich', verbose_name='vertraulich')),
                    ('text', models.CharField(max_length=200, verbose_name='Frage')),
                    ('help_text', models.CharField(blank=True, default='', max_length=300, verbose_name='Hilfe')),
                    ('options', models.JSONField(blank=True, default=list, verbose_name='Auswahl')),
                    ('condition', models.JSONField(blank=True, default=dict, verbose_name='Bedingung')),
                    ('minimum', models.FloatField(blank=True, null=True, verbose_name='kleinste Zahl')),
                    ('maximum', models.FloatField(blank=True, null=True, verbose_name='größte Zahl')),
                    ('unit', models.CharField(blank=True, default='', max_length=20, verbose_name='Einheit')),
                    ('date_range', models.CharField(choices=[('any', 'jedes Datum'), ('past', 'heute oder früher'), ('future', 'heute oder später')], default='any', max_length=6, verbose_name='erlaubtes Datum')),
                    ('length_limit', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='höchstens Zeichen')),
                    ('translations', models.JSONField(blank=True, default=dict, verbose_name='Übersetzungen')),
                ],
                options={
                    'verbose_name': 'Zusatzfrage',
                    'verbose_name_plural': 'Zusatzfragen',
                    'constraints': [
                        models.UniqueConstraint(fields=('category', 'code'), name='question_code_unique'),
                        models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('category', 'order'), name='question_order_unique'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='OfficeHours',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('office', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hours', to='accounts.office')),
                    ('weekday', models.PositiveSmallIntegerField(help_text='0 = Montag', validators=[django.core.validators.MaxValueValidator(6)], verbose_name='Wochentag')),
                    ('opens', models.TimeField(verbose_name='von')),
                    ('closes', models.TimeField(verbose_name='bis')),
                ],
                options={
                    'verbose_name': 'Dienstzeit',
                    'verbose_name_plural': 'Dienstzeiten',
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('closes__gt', models.F('opens'))), name='hours_close_later'),
                        models.CheckConstraint(condition=models.Q(('weekday__lte', 6)), name='hours_weekday'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='ClosingDay',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='closing_days', to='accounts.municipality')),
                    ('office', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='closing_days', to='accounts.office')),
                    ('day', models.DateField(verbose_name='Tag')),
                    ('reason', models.CharField(blank=True, default='', max_length=80, verbose_name='Anlass')),
                ],
                options={
                    'verbose_name': 'Schließtag',
                    'verbose_name_plural': 'Schließtage',
                },
            ),
            migrations.CreateModel(
                name='OnCallShift',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='on_call_shifts', to='accounts.municipality')),
                    ('office', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='on_call_shifts', to='accounts.office', verbose_name='nur für dieses Amt')),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='on_call_shifts', to=settings.AUTH_USER_MODEL, verbose_name='Person')),
                    ('rank', models.PositiveSmallIntegerField(default=1, verbose_name='Rang')),
                    ('starts_at', models.DateTimeField(verbose_name='von')),
                    ('ends_at', models.DateTimeField(verbose_name='bis')),
                ],
                options={
                    'verbose_name': 'Bereitschaft',
                    'verbose_name_plural': 'Bereitschaften',
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='shift_ends_after_start'),
                    ],
                },
            ),
        ]),
    ]
