"""What was learned from a town's cases to suggest a category."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='SuggestionModel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.municipality')),
                ('version', models.PositiveIntegerField()),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('outcome', models.CharField(choices=[('active', 'in Gebrauch'), ('replaced', 'ersetzt'), ('not_better', 'nicht eingesetzt: schlechter als die benutzte'), ('withdrawn', 'außer Gebrauch')], max_length=12)),
                ('case_count', models.PositiveIntegerField()),
                ('learned_until', models.DateTimeField()),
                ('precision', models.FloatField()),
                ('offer_from', models.FloatField()),
                ('sure_from', models.FloatField()),
                ('findings', models.JSONField(default=dict)),
                ('sources', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('payload', models.BinaryField(null=True)),
            ],
            options={
                'verbose_name': 'Vorschlagsmodell',
                'verbose_name_plural': 'Vorschlagsmodelle',
                'constraints': [
                    models.UniqueConstraint(fields=('municipality', 'version'), name='suggestion_version_unique'),
                    models.UniqueConstraint(condition=models.Q(('outcome', 'active')), fields=('municipality',), name='suggestion_one_active'),
                    models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'active'), _negated=True), ('payload__isnull', False), _connector='OR'), name='suggestion_active_has_payload'),
                ],
            },
        ),
    ]
