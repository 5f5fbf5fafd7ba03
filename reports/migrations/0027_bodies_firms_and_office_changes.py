"""Bodies outside, firms and crews; changes of the offices themselves; rules that were proposed."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0012_incident_limits'),
        ('reports', '0026_incidents'),
        ('routing', '0007_assets'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='effect',
            name='kind',
            field=models.CharField(choices=[('route', 'Zuständigkeit finden'), ('derive_photo', 'Foto aufbereiten'), ('detect', 'Gesichter und Kennzeichen suchen'), ('mask', 'Masken einrechnen'), ('publish', 'veröffentlichen'), ('hand_over', 'an die eAkte übergeben'), ('alert', 'Bereitschaft alarmieren'), ('offer_deadline', 'Frist einer Abgabe'), ('tell_others', 'Mitbetroffenen berichten'), ('fetch_photo', 'Foto eines Partnersystems holen'), ('find_alike', 'mögliche Dubletten suchen'), ('escalate', 'an eine Frist erinnern'), ('interim', 'Zwischennachricht senden'), ('join_incident', 'einem Ereignis zuordnen'), ('incident_news', 'Antwort eines Ereignisses weitergeben'), ('office_move', 'Vorgang bei einer Ämteränderung mitnehmen'), ('pass_to_town', 'an eine andere Kommune weitergeben'), ('delegation', 'Frist einer Beauftragung')], max_length=16),
        ),
        migrations.AlterField(
            model_name='remark',
            name='kind',
            field=models.CharField(choices=[('answer', 'öffentliche Antwort'), ('note', 'interne Notiz'), ('citizen', 'Nachricht der meldenden Person'), ('reason', 'Begründung'), ('letter', 'Anschreiben an eine andere Stelle'), ('outside', 'Auskunft einer anderen Stelle')], max_length=8),
        ),
        migrations.AlterField(
            model_name='report',
            name='source',
            field=models.CharField(choices=[('web', 'Internet'), ('app', 'App'), ('open311', 'Partner-App'), ('phone', 'Telefon'), ('counter', 'Schalter'), ('letter', 'Brief'), ('council', 'Ratsanfrage'), ('email', 'E-Mail'), ('neighbour', 'andere Kommune'), ('sensor', 'Sensor'), ('import', 'Übernahme')], max_length=10, verbose_name='Eingang über'),
        ),
        migrations.AlterField(
            model_name='timelineentry',
            name='actor_kind',
            field=models.CharField(choices=[('citizen', 'meldende Person'), ('staff', 'Verwaltung'), ('system', 'System'), ('outside', 'andere Stelle')], max_length=8),
        ),
        migrations.CreateModel(
            name='Delegation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('given', 'beauftragt, noch keine Antwort'), ('accepted', 'angenommen'), ('working', 'in Arbeit'), ('done', 'erledigt gemeldet'), ('checked', 'abgenommen'), ('refused', 'abgelehnt'), ('silent', 'nicht beantwortet, von selbst zurück'), ('revoked', 'zurückgenommen')], default='given', max_length=8)),
                ('instructions_remark_id', models.BigIntegerField()),
                ('photos', models.JSONField(blank=True, default=list)),
                ('key_version', models.PositiveSmallIntegerField(default=1)),
                ('until', models.DateTimeField(verbose_name='Frist')),
                ('delegated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('delegated_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='delegations', to='reports.report')),
            ],
        ),
        migrations.AddField(
            model_name='photo',
            name='proof_of',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='proofs', to='reports.delegation'),
        ),
        migrations.CreateModel(
            name='Firm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('firm', 'Firma'), ('crew', 'Trupp')], default='firm', max_length=4, verbose_name='Art')),
                ('name', models.CharField(max_length=120, verbose_name='Name')),
                ('trade', models.CharField(blank=True, default='', help_text='z. B. Straßenbau', max_length=120, verbose_name='Gewerk')),
                ('email', models.EmailField(max_length=254, verbose_name='E-Mail-Adresse')),
                ('phone', models.CharField(blank=True, default='', max_length=40, verbose_name='Telefon')),
                ('language', models.CharField(choices=[('de', 'Deutsch'), ('en', 'English')], default='de', max_length=8, verbose_name='Sprache')),
                ('days', models.PositiveSmallIntegerField(db_default=7, default=7, verbose_name='übliche Tage bis zur Erledigung')),
                ('is_active', models.BooleanField(default=True, verbose_name='wird angeboten')),
                ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='firms', to='accounts.municipality', verbose_name='Kommune')),
            ],
            options={
                'verbose_name': 'Firma oder Trupp',
                'verbose_name_plural': 'Firmen und Trupps',
            },
        ),
        migrations.AddField(
            model_name='delegation',
            name='firm',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='delegations', to='reports.firm'),
        ),
        migrations.CreateModel(
            name='OfficeChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('rename', 'umbenennen'), ('merge', 'zusammenlegen'), ('split', 'teilen')], max_length=6)),
                ('state', models.CharField(choices=[('planned', 'geplant'), ('running', 'läuft'), ('done', 'abgeschlossen'), ('discarded', 'verworfen')], default='planned', max_length=9)),
                ('plan', models.JSONField(default=dict)),
                ('reason', models.CharField(max_length=200, verbose_name='Anlass')),
                ('planned_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('total', models.PositiveIntegerField(default=0)),
                ('moved', models.PositiveIntegerField(default=0)),
                ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.municipality')),
                ('office', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.office')),
                ('planned_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('started_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('target', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.office')),
            ],
        ),
        migrations.CreateModel(
            name='OfficeMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(blank=True, default='', max_length=5)),
                ('change', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='moves', to='reports.officechange')),
                ('from_office', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.office')),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='reports.report')),
                ('to_office', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.office')),
            ],
        ),
        migrations.CreateModel(
            name='OutsideBody',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('road', 'Straßenbauverwaltung'), ('motorway', 'Autobahn GmbH'), ('district', 'Landkreis'), ('rail', 'Bahn'), ('utility', 'Stadtwerke oder Versorger'), ('private', 'private Eigentümer'), ('town', 'andere Kommune'), ('other', 'sonstige Stelle')], max_length=8, verbose_name='Art')),
                ('name', models.CharField(max_length=120, verbose_name='Name')),
                ('what_for', models.CharField(blank=True, default='', help_text='z. B. Fahrbahn der Bundesstraßen außerorts', max_length=200, verbose_name='wofür zuständig')),
                ('channel', models.CharField(choices=[('mail', 'E-Mail'), ('letter', 'Brief'), ('phone', 'Telefon'), ('town', 'Kommune dieser Installation')], max_length=6, verbose_name='nimmt Vorgänge an per')),
                ('email', models.EmailField(blank=True, default='', max_length=254, verbose_name='E-Mail-Adresse')),
                ('phone', models.CharField(blank=True, default='', max_length=40, verbose_name='Telefon')),
                ('postal_address', models.TextField(blank=True, default='', max_length=400, verbose_name='Anschrift')),
                ('language', models.CharField(choices=[('de', 'Deutsch'), ('en', 'English')], default='de', max_length=8, verbose_name='Sprache')),
                ('their_category_code', models.CharField(blank=True, default='', help_text='Code in der anderen Kommune, wenn es dort keine gleiche Anliegenart gibt.', max_length=60, verbose_name='Anliegenart dort')),
                ('answer_days', models.PositiveSmallIntegerField(db_default=14, default=14, verbose_name='Tage bis zur Wiedervorlage')),
                ('asks_consent', models.BooleanField(default=False, help_text='Wer meldet, kann ankreuzen, dass Name und Kontakt an diese Stelle gehen dürfen. Nur bei den Anliegenarten oben.', verbose_name='Einwilligung im Formular abfragen')),
                ('is_active', models.BooleanField(default=True, verbose_name='wird angeboten')),
                ('areas', models.ManyToManyField(blank=True, help_text='leer: überall', related_name='+', to='routing.area', verbose_name='Gebiete')),
                ('categories', models.ManyToManyField(blank=True, help_text='leer: alle', related_name='+', to='routing.category', verbose_name='Anliegenarten')),
                ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='outside_bodies', to='accounts.municipality', verbose_name='Kommune')),
                ('to_municipality', models.ForeignKey(blank=True, help_text='Dort entsteht ein Vorgang, wenn so angenommen wird.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.municipality', verbose_name='Kommune dieser Installation')),
            ],
            options={
                'verbose_name': 'andere Stelle',
                'verbose_name_plural': 'andere Stellen',
            },
        ),
        migrations.CreateModel(
            name='BodyConsent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('given_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='body_consents', to='reports.report')),
                ('body', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reports.outsidebody')),
            ],
        ),
        migrations.CreateModel(
            name='Passing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('mail', 'E-Mail'), ('letter', 'Brief'), ('phone', 'Telefon'), ('town', 'Kommune dieser Installation')], max_length=6)),
                ('state', models.CharField(choices=[('waiting', 'wartet auf Antwort'), ('answered', 'hat geantwortet'), ('settled', 'erledigt')], default='waiting', max_length=8)),
                ('letter_remark_id', models.BigIntegerField()),
                ('photos', models.JSONField(blank=True, default=list)),
                ('with_contact', models.BooleanField(default=False)),
                ('key_version', models.PositiveSmallIntegerField(default=1)),
                ('passed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('follow_up_on', models.DateField(verbose_name='Wiedervorlage')),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('body', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='passings', to='reports.outsidebody')),
                ('passed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='passings', to='reports.report')),
                ('settled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('there', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='passed_from', to='reports.report')),
            ],
        ),
        migrations.CreateModel(
            name='RuleVerdict',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('drafted', 'als Entwurf übernommen'), ('dismissed', 'abgelehnt')], max_length=9)),
                ('reason', models.CharField(blank=True, default='', max_length=200, verbose_name='Begründung')),
                ('went_there', models.PositiveIntegerField()),
                ('of_all', models.PositiveIntegerField()),
                ('decided_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('category', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='routing.category')),
                ('decided_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='routing.area')),
                ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.municipality')),
                ('office', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.office')),
            ],
        ),
        migrations.AddConstraint(
            model_name='firm',
            constraint=models.UniqueConstraint(fields=('municipality', 'name'), name='firm_name_unique'),
        ),
        migrations.AddIndex(
            model_name='delegation',
            index=models.Index(condition=models.Q(('state__in', ['accepted', 'done', 'given', 'working'])), fields=['until'], name='delegation_open'),
        ),
        migrations.AddConstraint(
            model_name='delegation',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['accepted', 'done', 'given', 'working'])), fields=('report',), name='delegation_one_open'),
        ),
        migrations.AddConstraint(
            model_name='delegation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('state__in', ['accepted', 'done', 'given', 'working'])), models.Q(models.Q(('state__in', ['accepted', 'done', 'given', 'working']), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='delegation_ended_says_when'),
        ),
        migrations.AddConstraint(
            model_name='officechange',
            constraint=models.CheckConstraint(condition=models.Q(('moved__lte', models.F('total'))), name='office_change_moved_within_total'),
        ),
        migrations.AddConstraint(
            model_name='officechange',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'running')), fields=('municipality',), name='office_change_one_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='officemove',
            constraint=models.UniqueConstraint(fields=('change', 'report'), name='office_move_once'),
        ),
        migrations.AddConstraint(
            model_name='outsidebody',
            constraint=models.UniqueConstraint(fields=('municipality', 'name'), name='outside_body_name_unique'),
        ),
        migrations.AddConstraint(
            model_name='outsidebody',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('channel', 'mail'), _negated=True), models.Q(('email', ''), _negated=True), _connector='OR'), name='outside_body_mail_has_address'),
        ),
        migrations.AddConstraint(
            model_name='outsidebody',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('channel', 'letter'), _negated=True), models.Q(('postal_address', ''), _negated=True), _connector='OR'), name='outside_body_letter_has_address'),
        ),
        migrations.AddConstraint(
            model_name='outsidebody',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('channel', 'phone'), _negated=True), models.Q(('phone', ''), _negated=True), _connector='OR'), name='outside_body_phone_has_number'),
        ),
        migrations.AddConstraint(
            model_name='outsidebody',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('channel', 'town'), _negated=True), ('to_municipality__isnull', False), _connector='OR'), name='outside_body_town_is_named'),
        ),
        migrations.AddConstraint(
            model_name='bodyconsent',
            constraint=models.UniqueConstraint(condition=models.Q(('revoked_at__isnull', True)), fields=('report', 'body'), name='body_consent_stands_once'),
        ),
        migrations.AddIndex(
            model_name='passing',
            index=models.Index(condition=models.Q(('state', 'settled'), _negated=True), fields=['follow_up_on'], name='passing_follow_up'),
        ),
        migrations.AddConstraint(
            model_name='passing',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('settled_at__isnull', False), ('state', 'settled')), models.Q(models.Q(('state', 'settled'), _negated=True), ('settled_at__isnull', True)), _connector='OR'), name='passing_settled_says_when'),
        ),
        migrations.AddConstraint(
            model_name='ruleverdict',
            constraint=models.UniqueConstraint(fields=('municipality', 'category', 'district', 'office'), name='rule_verdict_once'),
        ),
    ]
