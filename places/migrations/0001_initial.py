"""Streets, places and house numbers of a town, and remembered answers of a geocoder."""

import django.contrib.gis.db.models.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
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
                name='Source',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.municipality')),
                    ('key', models.CharField(max_length=80, verbose_name='Schlüssel')),
                    ('attribution', models.CharField(blank=True, default='', max_length=200, verbose_name='Quellenangabe')),
                    ('version', models.PositiveIntegerField(default=0, verbose_name='Fassung')),
                    ('imported_at', models.DateTimeField(null=True, verbose_name='übernommen am')),
                ],
                options={
                    'constraints': [
                        models.UniqueConstraint(fields=('municipality', 'key'), name='one_source_per_key'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Place',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.municipality')),
                    ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='places.source')),
                    ('version', models.PositiveIntegerField(verbose_name='Fassung der Quelle')),
                    ('kind', models.CharField(choices=[('street', 'Straße'), ('square', 'Platz'), ('park', 'Park'), ('playground', 'Spielplatz'), ('school', 'Schule'), ('bridge', 'Brücke'), ('stop', 'Haltestelle'), ('water', 'Gewässer'), ('cemetery', 'Friedhof'), ('sports', 'Sportstätte'), ('building', 'Gebäude'), ('other', 'Ort')], max_length=12, verbose_name='Art')),
                    ('key', models.CharField(max_length=200, verbose_name='Schlüssel')),
                    ('name', models.CharField(max_length=120, verbose_name='Name')),
                    ('part', models.CharField(blank=True, default='', max_length=80, verbose_name='Ortsteil')),
                    ('folded', models.CharField(max_length=160, verbose_name='Suchform')),
                    ('point', django.contrib.gis.db.models.fields.PointField(null=True, srid=4326, verbose_name='Punkt')),
                    ('shape', django.contrib.gis.db.models.fields.GeometryField(null=True, srid=4326, verbose_name='Verlauf der Linie')),
                    ('radius_m', models.FloatField(null=True, verbose_name='Ausdehnung in Metern')),
                    ('is_approximate', models.BooleanField(default=False, verbose_name='ungefähr')),
                ],
                options={
                    'indexes': [
                        django.contrib.postgres.indexes.GistIndex(fields=['municipality', 'folded'], name='place_by_folded_name', opclasses=['gist_int8_ops', 'gist_trgm_ops']),
                    ],
                    'constraints': [
                        models.UniqueConstraint(fields=('municipality', 'key'), name='one_place_per_key'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='HouseNumber',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('street', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='house_numbers', to='places.place')),
                    ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='places.source')),
                    ('version', models.PositiveIntegerField(verbose_name='Fassung der Quelle')),
                    ('number', models.PositiveIntegerField(verbose_name='Hausnummer')),
                    ('suffix', models.CharField(blank=True, default='', max_length=12, verbose_name='Zusatz')),
                    ('postcode', models.CharField(blank=True, default='', max_length=5, verbose_name='Postleitzahl')),
                    ('point', django.contrib.gis.db.models.fields.PointField(srid=4326, verbose_name='Punkt')),
                ],
                options={
                    'constraints': [
                        models.UniqueConstraint(fields=('street', 'number', 'suffix'), name='one_house_number_per_street'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='GeocoderAnswer',
                fields=[
                    ('question_hash', models.CharField(max_length=64, primary_key=True, serialize=False)),
                    ('places', models.JSONField(default=list)),
                    ('asked_on', models.DateField(db_index=True)),
                ],
            ),
        ]),
    ]
