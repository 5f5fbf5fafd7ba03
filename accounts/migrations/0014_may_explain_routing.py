"""Keys that may ask who would be responsible, and why."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0013_sitemap_is_an_address'),
    ]

    operations = [
        migrations.AddField(
            model_name='apiclient',
            name='may_explain_routing',
            field=models.BooleanField(db_default=False, default=False, help_text='Für eigene Werkzeuge: Amt, Fristen und Gründe für einen gedachten Fall.', verbose_name='darf Zuständigkeiten erklären lassen'),
        ),
    ]
