"""When the clock of a case stood still."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reports', '0015_mail_danger'),
    ]

    operations = [
        migrations.CreateModel(
            name='ClockPause',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(choices=[('citizen', 'wartet auf die meldende Person'), ('third_party', 'wartet auf Dritte'), ('planned_date', 'eingeplant')], max_length=14)),
                ('began_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField()),
                ('hours', models.FloatField(default=0)),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pauses', to='reports.report')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('report', 'began_at'), name='clock_pause_once'), models.CheckConstraint(condition=models.Q(('ended_at__gte', models.F('began_at')), ('hours__gte', 0)), name='clock_pause_forward')],
            },
        ),
    ]
