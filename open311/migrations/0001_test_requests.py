"""Requests partner systems send to try GeoReport."""

import django.contrib.gis.db.models.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='TestRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.municipality')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.apiclient')),
                ('content_key', models.CharField(max_length=64)),
                ('category_code', models.CharField(max_length=60)),
                ('category_name', models.CharField(max_length=100)),
                ('place', django.contrib.gis.db.models.fields.PointField(srid=4326)),
                ('status', models.CharField(default='OPEN', max_length=40)),
                ('sent_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'verbose_name': 'Testmeldung',
                'indexes': [
                    models.Index(fields=['municipality', '-sent_at'], name='test_request_newest'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('client', 'content_key'), name='test_request_once_per_client'),
                ],
            },
        ),
    ]
