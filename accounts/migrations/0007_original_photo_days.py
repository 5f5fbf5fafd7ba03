"""How long originals of photos are kept after a case is closed."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_api_client_permissions'),
    ]

    operations = [
        migrations.AddField(
            model_name='municipality',
            name='original_photo_days',
            field=models.PositiveSmallIntegerField(db_default=180, default=180, validators=[django.core.validators.MinValueValidator(1)], verbose_name='Tage nach Abschluss, bis Originalfotos gelöscht werden'),
        ),
    ]
