"""Masks over faces and plates, the copies with them burned in, who looked at what; camera hints."""

import django.contrib.gis.db.models.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reports', '0011_contact_told'),
    ]

    operations = [
        migrations.AddField(
            model_name='originalview',
            name='kind',
            field=models.CharField(choices=[('original', 'Original'), ('unmasked', 'ohne Masken')], db_default='original', default='original', max_length=8),
        ),
        migrations.AddField(
            model_name='photo',
            name='detected',
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name='photo',
            name='detection',
            field=models.CharField(choices=[('none', 'nicht durchsucht'), ('waiting', 'wird durchsucht'), ('done', 'durchsucht'), ('failed', 'Suche misslungen')], db_default='none', default='none', max_length=8),
        ),
        migrations.AddField(
            model_name='photo',
            name='masked',
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name='photo',
            name='masked_version',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='photo',
            name='masks_version',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='photo',
            name='taken_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='photo',
            name='taken_place',
            field=django.contrib.gis.db.models.fields.PointField(blank=True, null=True, srid=4326),
        ),
        migrations.AlterField(
            model_name='effect',
            name='kind',
            field=models.CharField(choices=[('route', 'Zuständigkeit finden'), ('derive_photo', 'Foto aufbereiten'), ('detect', 'Gesichter und Kennzeichen suchen'), ('mask', 'Masken einrechnen'), ('publish', 'veröffentlichen'), ('hand_over', 'an die eAkte übergeben'), ('alert', 'Bereitschaft alarmieren'), ('offer_deadline', 'Frist einer Abgabe'), ('tell_others', 'Mitbetroffenen berichten'), ('fetch_photo', 'Foto eines Partnersystems holen')], max_length=16),
        ),
        migrations.AddConstraint(
            model_name='photo',
            constraint=models.CheckConstraint(condition=models.Q(('original_deleted_at__isnull', True), models.Q(('taken_at__isnull', True), ('taken_place__isnull', True)), _connector='OR'), name='photo_hint_goes_with_original'),
        ),
    ]
