"""How long after a repair people are asked whether it is true."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('routing', '0002_same_town'),
    ]

    operations = [
        migrations.AddField(
            model_name='category',
            name='feedback_days',
            field=models.PositiveSmallIntegerField(blank=True, help_text='Leer: wie die Kommune. 0: es wird nicht gefragt.', null=True, verbose_name='Tage für „Stimmt das?“'),
        ),
    ]
