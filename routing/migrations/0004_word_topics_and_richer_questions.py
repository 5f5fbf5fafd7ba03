"""Words that are looked for in reports, notices and pauses of categories, richer questions."""

import django.core.validators
import django.db.models.deletion
import routing.word_topic
from django.db import migrations, models


SAME_TOWN = """
ALTER TABLE routing_categorynotice ADD CONSTRAINT notice_category_same_town
    FOREIGN KEY (category_id, municipality_id) REFERENCES routing_category (id, municipality_id)
    DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE routing_categorynotice ADD CONSTRAINT notice_area_same_town
    FOREIGN KEY (area_id, municipality_id) REFERENCES routing_area (id, municipality_id)
    DEFERRABLE INITIALLY DEFERRED;
"""

DIFFERENT_TOWNS = """
ALTER TABLE routing_categorynotice DROP CONSTRAINT notice_area_same_town;
ALTER TABLE routing_categorynotice DROP CONSTRAINT notice_category_same_town;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_feedback_days'),
        ('routing', '0003_feedback_days'),
    ]

    operations = [
        migrations.AddField(
            model_name='question',
            name='condition',
            field=models.JSONField(blank=True, default=dict, verbose_name='Bedingung'),
        ),
        migrations.AddField(
            model_name='question',
            name='date_range',
            field=models.CharField(choices=[('any', 'jedes Datum'), ('past', 'heute oder früher'), ('future', 'heute oder später')], default='any', max_length=6, verbose_name='erlaubtes Datum'),
        ),
        migrations.AddField(
            model_name='question',
            name='length_limit',
            field=models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='höchstens Zeichen'),
        ),
        migrations.AddField(
            model_name='question',
            name='maximum',
            field=models.FloatField(blank=True, null=True, verbose_name='größte Zahl'),
        ),
        migrations.AddField(
            model_name='question',
            name='minimum',
            field=models.FloatField(blank=True, null=True, verbose_name='kleinste Zahl'),
        ),
        migrations.AddField(
            model_name='question',
            name='unit',
            field=models.CharField(blank=True, default='', max_length=20, verbose_name='Einheit'),
        ),
        migrations.CreateModel(
            name='CategoryNotice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('effect', models.CharField(choices=[('show', 'Hinweis zeigen'), ('pause', 'nicht anbieten')], default='show', max_length=8, verbose_name='Wirkung')),
                ('valid_from', models.DateField(blank=True, null=True, verbose_name='von')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='bis')),
                ('is_yearly', models.BooleanField(default=False, help_text='Nur Tag und Monat zählen.', verbose_name='jedes Jahr')),
                ('hours', models.CharField(choices=[('always', 'immer'), ('closed', 'nur außerhalb der Dienstzeit'), ('open', 'nur während der Dienstzeit')], default='always', max_length=8, verbose_name='Uhrzeit')),
                ('text', models.CharField(max_length=400, verbose_name='Text')),
                ('translations', models.JSONField(blank=True, default=dict, verbose_name='Übersetzungen')),
                ('contact', models.CharField(blank=True, default='', max_length=120, verbose_name='Wohin sich Bürger wenden können')),
                ('phone', models.CharField(blank=True, default='', max_length=40, verbose_name='Rufnummer')),
                ('url', models.URLField(blank=True, default='', verbose_name='Internetseite')),
                ('is_active', models.BooleanField(default=True, verbose_name='in Kraft')),
                ('area', models.ForeignKey(blank=True, help_text='Leer: ganzes Stadtgebiet.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='routing.area', verbose_name='Gebiet')),
                ('category', models.ForeignKey(blank=True, help_text='Leer: alle Anliegenarten.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='routing.category', verbose_name='Anliegenart oder Gruppe')),
                ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='category_notices', to='accounts.municipality', verbose_name='Kommune')),
            ],
            options={
                'verbose_name': 'Hinweis oder Pause',
                'verbose_name_plural': 'Hinweise und Pausen',
                'constraints': [models.CheckConstraint(condition=models.Q(('is_yearly', False), models.Q(('valid_from__isnull', False), ('valid_to__isnull', False)), _connector='OR'), name='notice_yearly_has_dates'), models.CheckConstraint(condition=models.Q(('is_yearly', True), ('valid_from__isnull', True), ('valid_to__isnull', True), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='notice_valid_range')],
            },
        ),
        migrations.CreateModel(
            name='WordTopic',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('danger', 'Gefahr'), ('not_offered', 'wird hier nicht angeboten')], max_length=12, verbose_name='Bedeutung')),
                ('code', models.SlugField(max_length=40, verbose_name='Code')),
                ('words', models.TextField(blank=True, default='', help_text='Je Zeile eines. * = beliebige Buchstaben, / = oder, … = Wörter dazwischen.', validators=[routing.word_topic.refuse_useless_lines], verbose_name='weitere Stichwörter')),
                ('hint_words', models.TextField(blank=True, default='', help_text='Bei Gefahr: Der Hinweis erscheint, die Bereitschaft wird nicht alarmiert.', validators=[routing.word_topic.refuse_useless_lines], verbose_name='Stichwörter nur für einen Hinweis')),
                ('unused_words', models.TextField(blank=True, default='', help_text='Zeilen genau wie in der mitgelieferten Liste.', verbose_name='mitgelieferte Stichwörter, die hier nicht gelten')),
                ('text', models.CharField(blank=True, default='', max_length=400, verbose_name='Hinweis vor dem Absenden')),
                ('text_en', models.CharField(blank=True, default='', max_length=400, verbose_name='Hinweis (englisch)')),
                ('contact', models.CharField(blank=True, default='', max_length=120, verbose_name='zuständige Stelle')),
                ('phone', models.CharField(blank=True, default='', max_length=40, verbose_name='Rufnummer')),
                ('url', models.URLField(blank=True, default='', verbose_name='Internetseite')),
                ('is_active', models.BooleanField(default=True, verbose_name='in Kraft')),
                ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='word_topics', to='accounts.municipality', verbose_name='Kommune')),
            ],
            options={
                'verbose_name': 'Stichwort-Hinweis',
                'verbose_name_plural': 'Stichwort-Hinweise',
                'constraints': [models.UniqueConstraint(fields=('municipality', 'kind', 'code'), name='word_topic_code_unique')],
            },
        ),
        migrations.RunSQL(SAME_TOWN, DIFFERENT_TOWNS),
    ]
