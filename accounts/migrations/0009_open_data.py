"""Which licence, naming and portal a town's open data has."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0008_privacy_role'),
    ]

    operations = [
        migrations.AddField(
            model_name='municipality',
            name='attribution',
            field=models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='Namensnennung'),
        ),
        migrations.AddField(
            model_name='municipality',
            name='contributor',
            field=models.CharField(blank=True, db_default='', default='', max_length=120, validators=[django.core.validators.RegexValidator('^http://dcat-ap\\.de/def/contributors/[A-Za-z]+$', 'Erwartet wird http://dcat-ap.de/def/contributors/…')], verbose_name='Datenportal'),
        ),
    ]
