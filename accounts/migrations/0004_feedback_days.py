"""How long after a repair people are asked whether it is true."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_council_answer_days'),
    ]

    operations = [
        migrations.AddField(
            model_name='municipality',
            name='feedback_days',
            field=models.PositiveSmallIntegerField(db_default=14, default=14, help_text='0: es wird nicht gefragt. Eine Anliegenart kann abweichen.', verbose_name='Tage für „Stimmt das?“ nach einer Reparatur'),
        ),
    ]
