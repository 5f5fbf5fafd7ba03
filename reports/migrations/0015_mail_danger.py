"""A mail can name a danger."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0014_incoming_mail"),
    ]

    operations = [
        migrations.AddField(
            model_name="incomingmail",
            name="is_danger",
            field=models.BooleanField(default=False, verbose_name="Gefahr"),
        ),
    ]
