"""What a town next door says of a case that was passed on to it is owed to the first receipt."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reports', '0032_proposals_told'),
    ]

    operations = [
        migrations.AlterField(
            model_name='effect',
            name='kind',
            field=models.CharField(choices=[('route', 'Zuständigkeit finden'), ('derive_photo', 'Foto aufbereiten'), ('detect', 'Gesichter und Kennzeichen suchen'), ('mask', 'Masken einrechnen'), ('publish', 'veröffentlichen'), ('hand_over', 'an die eAkte übergeben'), ('alert', 'Bereitschaft alarmieren'), ('offer_deadline', 'Frist einer Abgabe'), ('tell_others', 'Mitbetroffenen berichten'), ('fetch_photo', 'Foto eines Partnersystems holen'), ('find_alike', 'mögliche Dubletten suchen'), ('escalate', 'an eine Frist erinnern'), ('interim', 'Zwischennachricht senden'), ('join_incident', 'einem Ereignis zuordnen'), ('incident_news', 'Antwort eines Ereignisses weitergeben'), ('office_move', 'Vorgang bei einer Ämteränderung mitnehmen'), ('pass_to_town', 'an eine andere Kommune weitergeben'), ('report_back', 'der ersten Kommune berichten'), ('delegation', 'Frist einer Beauftragung')], max_length=16),
        ),
    ]
