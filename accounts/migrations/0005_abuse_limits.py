import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_feedback_days")]

    operations = [
        migrations.CreateModel(
            name="DailySalt",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False)),
                ("salt", models.BinaryField()),
            ],
        ),
        migrations.AddField(
            model_name="municipality",
            name="held_hours",
            field=models.PositiveSmallIntegerField(
                default=4,
                validators=[django.core.validators.MinValueValidator(1)],
                verbose_name="Stunden bis zur Mahnung bei zurückgehaltenen Meldungen",
            ),
        ),
        migrations.AddField(
            model_name="municipality",
            name="intake_limits",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text=(
                    "Nur was von der Voreinstellung abweicht, z. B. "
                    '{"total": {"soft": 300}, "peer": {"soft": 20, "hard": 100}}'
                ),
                verbose_name="Mengengrenzen für Meldungen",
            ),
        ),
        # Counters are rewritten again and again: room in each page keeps that off the index.
        migrations.RunSQL(
            "ALTER TABLE accounts_ratecounter SET (fillfactor = 50)",
            "ALTER TABLE accounts_ratecounter RESET (fillfactor)",
        ),
    ]
