"""What searches for leaks in published data found."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='LeakCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.municipality')),
                ('started_at', models.DateTimeField(verbose_name='begonnen')),
                ('ended_at', models.DateTimeField(verbose_name='beendet')),
                ('rows', models.PositiveBigIntegerField(verbose_name='Zeilen')),
                ('exits', models.PositiveIntegerField(verbose_name='Adressen')),
                ('read_bytes', models.PositiveBigIntegerField(verbose_name='gelesene Bytes')),
                ('hits', models.PositiveIntegerField(verbose_name='Fundstellen')),
                ('findings', models.JSONField(default=list)),
                ('unchecked', models.JSONField(default=list, verbose_name='nicht geprüft')),
            ],
            options={
                'verbose_name': 'Leckprüfung',
                'verbose_name_plural': 'Leckprüfungen',
                'indexes': [
                    models.Index(fields=['municipality', '-started_at'], name='leakcheck_newest'),
                ],
            },
        ),
    ]
