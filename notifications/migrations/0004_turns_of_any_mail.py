import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0003_mail_turns")]

    operations = [
        migrations.AlterField(
            model_name="mailturn",
            name="municipality",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="accounts.municipality",
            ),
        ),
    ]
