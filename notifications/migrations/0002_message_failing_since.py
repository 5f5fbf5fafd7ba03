from django.db import migrations, models


class Migration(migrations.Migration):
    """Since when a message fails: the 72 hours of patience begin with the first failure."""

    dependencies = [("notifications", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="message",
            name="failing_since",
            field=models.DateTimeField(blank=True, null=True, verbose_name="schlägt fehl seit"),
        ),
    ]
