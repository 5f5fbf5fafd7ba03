"""What fails again and again is more pressing: by how much, each layer says."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('routing', '0008_private_ground_and_timers'),
    ]

    operations = [
        migrations.AddField(
            model_name='assetlayer',
            name='repeat_priority',
            field=models.CharField(blank=True, choices=[('', 'wie nach den Regeln'), ('high', 'hoch'), ('urgent', 'dringend')], db_default='high', default='high', max_length=8, verbose_name='Dringlichkeit dann mindestens'),
        ),
    ]
