"""The outbox of messages, their texts, and who is told on a device."""

import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
from accounts.create_tables import CreateTables
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('notifications', '0001_initial'),
        ('notifications', '0002_message_failing_since'),
        ('notifications', '0003_mail_turns'),
        ('notifications', '0004_turns_of_any_mail'),
        ('notifications', '0005_push_subscriptions'),
        ('notifications', '0006_bounced'),
        ('notifications', '0007_calls'),
    ]

    dependencies = [
        ('accounts', '0001_tables'),
    ]

    operations = [
        CreateTables([
            migrations.CreateModel(
                name='Message',
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
                    ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.municipality', verbose_name='Kommune')),
                    ('key', models.CharField(max_length=160, unique=True, verbose_name='Schlüssel')),
                    ('channel', models.CharField(choices=[('email', 'E-Mail'), ('push', 'Mitteilung aufs Gerät'), ('call', 'SMS oder Anruf')], default='email', max_length=12, verbose_name='Kanal')),
                    ('event', models.CharField(max_length=60, verbose_name='Anlass')),
                    ('subject_ref', models.CharField(blank=True, default='', help_text='z. B. Vorgangsnummer', max_length=80, verbose_name='Bezug')),
                    ('language', models.CharField(default='de', max_length=8, verbose_name='Sprache')),
                    ('recipient', models.CharField(blank=True, default='', max_length=254, verbose_name='Empfänger')),
                    ('context', models.JSONField(default=dict, verbose_name='Werte')),
                    ('message_id', models.CharField(max_length=200, unique=True, verbose_name='Message-ID')),
                    ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='übergeben')),
                    ('bounced_at', models.DateTimeField(blank=True, null=True, verbose_name='unzustellbar seit')),
                    ('failing_since', models.DateTimeField(blank=True, null=True, verbose_name='schlägt fehl seit')),
                    ('erased_at', models.DateTimeField(blank=True, null=True, verbose_name='gelöscht')),
                ],
                options={
                    'verbose_name': 'Nachricht',
                    'verbose_name_plural': 'Nachrichten',
                    'indexes': [
                        models.Index(condition=models.Q(('state__in', ['pending', 'leased', 'uncertain'])), fields=['lane', 'next_at', 'id'], name='message_due'),
                        models.Index(fields=['subject_ref'], name='message_subject_ref'),
                        models.Index(condition=models.Q(('state__in', ['dead', 'uncertain'])), fields=['municipality', 'id'], name='message_trouble'),
                    ],
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('erased_at__isnull', True), ('recipient', ''), _connector='OR'), name='message_erased_has_no_recipient'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='PushSubscription',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.municipality')),
                    ('public_id', models.UUIDField(default=uuid.uuid4, unique=True)),
                    ('subject_ref', models.CharField(max_length=80)),
                    ('endpoint', models.TextField()),
                    ('endpoint_hash', models.CharField(max_length=64)),
                    ('p256dh', models.CharField(max_length=100)),
                    ('auth', models.CharField(max_length=40)),
                    ('language', models.CharField(default='de', max_length=8)),
                    ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ],
                options={
                    'constraints': [
                        models.UniqueConstraint(fields=('subject_ref', 'endpoint_hash'), name='push_subscription_once'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Template',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.municipality', verbose_name='Kommune')),
                    ('event', models.CharField(max_length=60, verbose_name='Anlass')),
                    ('language', models.CharField(default='de', max_length=8, verbose_name='Sprache')),
                    ('subject', models.CharField(max_length=140, verbose_name='Betreff')),
                    ('body', models.TextField(verbose_name='Text')),
                ],
                options={
                    'verbose_name': 'Nachrichtentext',
                    'verbose_name_plural': 'Nachrichtentexte',
                    'constraints': [
                        models.UniqueConstraint(fields=('municipality', 'event', 'language'), name='template_unique'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='MailTurn',
                fields=[
                    ('address_hash', models.CharField(max_length=64, primary_key=True, serialize=False)),
                    ('turn_at', models.DateTimeField()),
                    ('municipality', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.municipality')),
                ],
                options={
                    'indexes': [
                        models.Index(fields=['turn_at'], name='mail_turn_age'),
                    ],
                },
            ),
        ]),
    ]
