from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0010_open311")]

    operations = [
        migrations.AddField(
            model_name="contact",
            name="told_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        # Whose report was not held back has had its mail.
        migrations.RunSQL(
            """
            UPDATE reports_contact SET told_at = report.received_at
            FROM reports_report AS report
            WHERE report.id = reports_contact.report_id AND report.screening = 'clear'
              AND reports_contact.email <> ''
            """,
            migrations.RunSQL.noop,
        ),
    ]
