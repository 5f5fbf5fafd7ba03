"""Messages can be texts and calls."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0006_bounced'),
    ]

    operations = [
        migrations.AlterField(
            model_name='message',
            name='channel',
            field=models.CharField(choices=[('email', 'E-Mail'), ('push', 'Mitteilung aufs Gerät'), ('call', 'SMS oder Anruf')], default='email', max_length=12, verbose_name='Kanal'),
        ),
    ]
