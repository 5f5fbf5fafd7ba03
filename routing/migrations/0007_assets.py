
import django.contrib.gis.db.models.fields
import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import routing.asset
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_original_photo_days'),
        ('routing', '0006_rule_sets'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AssetLayer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40, validators=[django.core.validators.RegexValidator('^[a-z0-9][a-z0-9_-]{0,39}$', 'Kleinbuchstaben, Ziffern, Bindestrich.')], verbose_name='Code')),
                ('name', models.CharField(max_length=80, verbose_name='Name')),
                ('one', models.CharField(help_text='z. B. Leuchte, Baum, Papierkorb; auch vor Nummern in der Suche.', max_length=60, verbose_name='ein einzelnes heißt')),
                ('label_template', models.CharField(default='{one} {key}', help_text='{one}, {key} und Eigenschaften, z. B. „{one} {key}, {strasse}“.', max_length=120, validators=[routing.asset.check_label_template], verbose_name='Aufschrift')),
                ('icon', models.CharField(blank=True, default='pin', max_length=40, verbose_name='Zeichen')),
                ('radius_m', models.PositiveSmallIntegerField(default=40, validators=[django.core.validators.MinValueValidator(5), django.core.validators.MaxValueValidator(500)], verbose_name='Umkreis in Metern')),
                ('is_public', models.BooleanField(default=True, help_text='Sonst sehen und wählen nur Mitarbeitende diese Objekte.', verbose_name='öffentlich')),
                ('public_attributes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, help_text='Mit Komma getrennt; alle anderen bleiben im Haus.', size=None, verbose_name='öffentliche Eigenschaften')),
                ('repeat_count', models.PositiveSmallIntegerField(default=3, validators=[django.core.validators.MinValueValidator(2)], verbose_name='auffällig ab so vielen Fällen')),
                ('repeat_months', models.PositiveSmallIntegerField(default=6, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(60)], verbose_name='in so vielen Monaten')),
                ('is_active', models.BooleanField(default=True, verbose_name='angeboten')),
                ('source', models.CharField(blank=True, default='', max_length=200, verbose_name='Quelle')),
                ('imported_at', models.DateTimeField(blank=True, null=True, verbose_name='zuletzt übernommen')),
                ('categories', models.ManyToManyField(blank=True, help_text='Wer eine davon meldet, bekommt Objekte in der Nähe angeboten.', related_name='asset_layers', to='routing.category', verbose_name='Anliegenarten')),
                ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='asset_layers', to='accounts.municipality', verbose_name='Kommune')),
            ],
            options={
                'verbose_name': 'Objektebene',
                'verbose_name_plural': 'Objektebenen',
            },
        ),
        migrations.CreateModel(
            name='Asset',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=80, verbose_name='Nummer')),
                ('number', models.CharField(editable=False, max_length=80)),
                ('label', models.CharField(max_length=160, verbose_name='Aufschrift')),
                ('place', django.contrib.gis.db.models.fields.PointField(srid=4326, verbose_name='Ort')),
                ('attributes', models.JSONField(blank=True, default=dict, verbose_name='Eigenschaften')),
                ('gone_since', models.DateField(blank=True, null=True, verbose_name='nicht mehr verzeichnet seit')),
                ('added_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='zuletzt geändert')),
                ('layer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assets', to='routing.assetlayer')),
            ],
            options={
                'verbose_name': 'Objekt',
                'verbose_name_plural': 'Objekte',
            },
        ),
        migrations.CreateModel(
            name='LayerUpload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120)),
                ('content', models.BinaryField()),
                ('uploaded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.municipality')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddConstraint(
            model_name='assetlayer',
            constraint=models.UniqueConstraint(fields=('municipality', 'code'), name='asset_layer_code_unique'),
        ),
        migrations.AddIndex(
            model_name='asset',
            index=models.Index(fields=['number', 'layer'], name='asset_number'),
        ),
        migrations.AddConstraint(
            model_name='asset',
            constraint=models.UniqueConstraint(fields=('layer', 'key'), name='asset_key_unique'),
        ),
        migrations.AddConstraint(
            model_name='asset',
            constraint=models.CheckConstraint(condition=models.Q(('key', ''), _negated=True), name='asset_has_key'),
        ),
        migrations.AddIndex(
            model_name='layerupload',
            index=models.Index(fields=['uploaded_at'], name='layer_upload_age'),
        ),
    ]
