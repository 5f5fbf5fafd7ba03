"""Enquiries of the council have a deadline of their own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_dispatch_office"),
    ]

    operations = [
        migrations.AddField(
            model_name="municipality",
            name="council_answer_days",
            field=models.PositiveSmallIntegerField(
                db_default=15,
                default=15,
                verbose_name="Werktage bis zur Antwort auf eine Ratsanfrage",
            ),
        ),
    ]
