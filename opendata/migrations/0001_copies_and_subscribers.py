"""Daily copies with their parts and changelog, subscribers and what they are owed."""

import django.db.models.deletion
import django.db.models.functions.datetime
from accounts.create_tables import CreateTables
from django.conf import settings
from django.db import connection, migrations, models


VIEWS = """
CREATE VIEW open_data.snapshots AS
    SELECT s.id, m.slug AS municipality_slug, s.day, s.version, s.rows, s.size, s.sha256, s.made_at
    FROM public.opendata_snapshot s JOIN public.accounts_municipality m ON m.id = s.municipality_id
    WHERE m.is_live;

CREATE VIEW open_data.snapshot_files AS
    SELECT l.snapshot_id, p.block, p.name, p.size
    FROM public.opendata_snapshot_parts l
    JOIN public.opendata_snapshotpart p ON p.id = l.snapshotpart_id;

CREATE VIEW open_data.snapshot_notes AS
    SELECT m.slug AS municipality_slug, s.day, n.version, n.removed, n.sha256, n.at
    FROM public.opendata_snapshotnote n JOIN public.opendata_snapshot s ON s.id = n.snapshot_id
    JOIN public.accounts_municipality m ON m.id = s.municipality_id
    WHERE m.is_live;
"""

# The public reader may read the new views.
PUBLIC = connection.ops.quote_name(settings.DB_USERS["public"])
RIGHTS = f"""
GRANT SELECT ON open_data.snapshots, open_data.snapshot_files, open_data.snapshot_notes TO {PUBLIC};
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_tables'),
        ('reports', '0006_open_data_views'),
    ]

    operations = [
        CreateTables([
            migrations.CreateModel(
                name='SnapshotPart',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.municipality')),
                    ('block', models.CharField(max_length=24)),
                    ('name', models.CharField(max_length=120, unique=True)),
                    ('rows', models.PositiveIntegerField()),
                    ('size', models.PositiveIntegerField()),
                    ('change', models.BigIntegerField()),
                ],
                options={
                    'indexes': [
                        models.Index(fields=['municipality', 'block'], name='snapshot_part_block'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Snapshot',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.municipality')),
                    ('day', models.DateField()),
                    ('version', models.PositiveIntegerField(default=1)),
                    ('rows', models.PositiveIntegerField()),
                    ('size', models.PositiveBigIntegerField()),
                    ('sha256', models.CharField(max_length=64)),
                    ('made_at', models.DateTimeField()),
                    ('parts', models.ManyToManyField(related_name='snapshots', to='opendata.snapshotpart')),
                ],
                options={
                    'constraints': [
                        models.UniqueConstraint(fields=('municipality', 'day'), name='snapshot_once_a_day'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='SnapshotNote',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('snapshot', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notes', to='opendata.snapshot')),
                    ('version', models.PositiveIntegerField()),
                    ('removed', models.PositiveIntegerField()),
                    ('sha256', models.CharField(max_length=64)),
                    ('at', models.DateTimeField()),
                ],
            ),
            migrations.CreateModel(
                name='ArchiveMark',
                fields=[
                    ('municipality', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, serialize=False, to='accounts.municipality')),
                    ('change', models.BigIntegerField()),
                ],
            ),
            migrations.CreateModel(
                name='Subscriber',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.municipality', verbose_name='Kommune')),
                    ('name', models.CharField(max_length=120, verbose_name='Name')),
                    ('url', models.URLField(help_text='https://… Dorthin wird gesendet, was sich geändert hat, ohne Inhalte.', max_length=400, verbose_name='Adresse')),
                    ('is_active', models.BooleanField(default=True, verbose_name='wird benachrichtigt')),
                    ('key_version', models.PositiveIntegerField(default=1, editable=False)),
                    ('change', models.BigIntegerField(editable=False, null=True)),
                    ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ],
                options={
                    'verbose_name': 'Abonnement offener Daten',
                    'verbose_name_plural': 'Abonnements offener Daten',
                    'constraints': [
                        models.UniqueConstraint(fields=('municipality', 'url'), name='subscriber_once'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Delivery',
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
                    ('subscriber', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='opendata.subscriber')),
                    ('after', models.BigIntegerField()),
                    ('until', models.BigIntegerField()),
                ],
                options={
                    'verbose_name': 'fällige Benachrichtigung',
                    'verbose_name_plural': 'fällige Benachrichtigungen',
                    'indexes': [
                        models.Index(condition=models.Q(('state__in', ['pending', 'leased', 'uncertain'])), fields=['lane', 'next_at', 'id'], name='delivery_due'),
                    ],
                    'constraints': [
                        models.UniqueConstraint(fields=('subscriber', 'after'), name='delivery_once'),
                    ],
                },
            ),
        ]),
        migrations.RunSQL(
            VIEWS,
            "DROP VIEW open_data.snapshot_files; DROP VIEW open_data.snapshot_notes;"
            " DROP VIEW open_data.snapshots;",
        ),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
