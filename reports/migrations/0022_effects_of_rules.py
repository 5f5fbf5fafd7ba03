"""What rules order besides the office, and copies for information."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_original_photo_days'),
        ('reports', '0021_assets_and_boundaries'),
    ]

    operations = [
        migrations.AddField(
            model_name='report',
            name='first_look_for',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.office'),
        ),
        migrations.AddField(
            model_name='report',
            name='narrowed_policy',
            field=models.CharField(blank=True, db_default='', default='', max_length=16),
        ),
        migrations.AddField(
            model_name='report',
            name='priority',
            field=models.CharField(blank=True, choices=[('urgent', 'dringend'), ('high', 'hoch'), ('', 'normal'), ('low', 'niedrig')], db_default='', default='', max_length=8, verbose_name='Dringlichkeit'),
        ),
        migrations.AddField(
            model_name='report',
            name='runs_by_clock',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='report',
            name='tags',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), blank=True, db_default=[], default=list, size=None, verbose_name='Schlagwörter'),
        ),
        migrations.AddField(
            model_name='report',
            name='team',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.team'),
        ),
        migrations.AddField(
            model_name='routingdecision',
            name='notice',
            field=models.CharField(blank=True, db_default='', default='', max_length=400),
        ),
        migrations.AddField(
            model_name='routingdecision',
            name='rule_set_version',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name='InformationCopy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('office', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.office')),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='copies', to='reports.report')),
            ],
            options={
                'verbose_name': 'Kopie zur Kenntnis',
                'verbose_name_plural': 'Kopien zur Kenntnis',
                'indexes': [models.Index(fields=['office'], name='copy_of_office')],
                'constraints': [models.UniqueConstraint(fields=('report', 'office'), name='copy_once_per_office')],
            },
        ),
    ]
