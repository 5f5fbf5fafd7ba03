"""The data protection officer has a role; days until deletion now belong to deletion classes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_original_photo_days"),
        ("reports", "0017_retention"),
    ]

    operations = [
        migrations.RemoveField(model_name="municipality", name="original_photo_days"),
        migrations.AlterField(
            model_name="roleassignment",
            name="role",
            field=models.CharField(
                choices=[
                    ("clerk", "Sachbearbeitung"),
                    ("dispatcher", "Disposition"),
                    ("moderator", "Redaktion"),
                    ("manager", "Amtsleitung"),
                    ("privacy", "Datenschutz"),
                    ("admin", "Administration"),
                ],
                max_length=12,
                verbose_name="Rolle",
            ),
        ),
    ]
