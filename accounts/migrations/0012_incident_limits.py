"""How many like reports, within which time and distance, are proposed as an incident."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0011_on_call_weeks'),
    ]

    operations = [
        migrations.AddField(
            model_name='municipality',
            name='incident_cell_m',
            field=models.PositiveIntegerField(db_default=1000, default=1000, verbose_name='… und so vielen Metern'),
        ),
        migrations.AddField(
            model_name='municipality',
            name='incident_minutes',
            field=models.PositiveSmallIntegerField(db_default=60, default=60, verbose_name='… innerhalb von so vielen Minuten'),
        ),
        migrations.AddField(
            model_name='municipality',
            name='incident_reports',
            field=models.PositiveSmallIntegerField(db_default=8, default=8, help_text='0: nie', verbose_name='gleiche Meldungen, ab denen ein Ereignis vorgeschlagen wird'),
        ),
    ]
