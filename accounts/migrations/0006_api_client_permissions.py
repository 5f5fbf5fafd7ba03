import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_abuse_limits'),
    ]

    operations = [
        migrations.AddField(
            model_name='apiclient',
            name='is_test_only',
            field=models.BooleanField(default=False, help_text='Gilt nur am Open311-Testendpunkt; von dort erreicht nichts ein Amt.', verbose_name='nur zum Ausprobieren'),
        ),
        migrations.AddField(
            model_name='apiclient',
            name='may_post_requests',
            field=models.BooleanField(default=True, verbose_name='darf Meldungen senden'),
        ),
        migrations.AddField(
            model_name='apiclient',
            name='may_post_updates',
            field=models.BooleanField(default=False, help_text='Open311: zu den eigenen Meldungen und zu Vorgängen des Amtes unten.', verbose_name='darf Nachrichten zu Vorgängen senden'),
        ),
        migrations.AddField(
            model_name='apiclient',
            name='may_post_bulk',
            field=models.BooleanField(default=False, verbose_name='darf viele Meldungen auf einmal senden'),
        ),
        migrations.AddField(
            model_name='apiclient',
            name='acts_as',
            field=models.ForeignKey(blank=True, help_text='Person mit der Rolle Sachbearbeitung: In ihrem Namen und mit ihren Rechten ändert das Partnersystem den Stand von Vorgängen. Leer: Es ändert keinen Stand.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='bearbeitet Vorgänge als'),
        ),
        migrations.AddField(
            model_name='apiclient',
            name='media_hosts',
            field=models.CharField(blank=True, default='', help_text='Mit Komma getrennt. Nur von dort wird eine media_url abgerufen.', max_length=400, verbose_name='Rechner, von denen Fotos geholt werden'),
        ),
    ]
