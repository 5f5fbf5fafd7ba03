"""Post that came in by e-mail and has not become a report yet."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_original_photo_days"),
        ("reports", "0013_attached_callers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="IncomingMail",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("message_key", models.CharField(max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("new", "neu"),
                            ("spam", "Spam-Verdacht"),
                            ("automatic", "automatisch erzeugt"),
                            ("reported", "zur Meldung geworden"),
                            ("filed", "einem Vorgang zugeordnet"),
                            ("discarded", "kein Anliegen"),
                        ],
                        default="new",
                        max_length=10,
                    ),
                ),
                (
                    "sender_name",
                    models.CharField(blank=True, default="", max_length=120, verbose_name="Name"),
                ),
                (
                    "sender_email",
                    models.CharField(
                        blank=True, default="", max_length=254, verbose_name="E-Mail-Adresse"
                    ),
                ),
                (
                    "subject",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="Betreff"
                    ),
                ),
                ("body", models.TextField(blank=True, default="", verbose_name="Text")),
                ("is_cut", models.BooleanField(default=False)),
                (
                    "received_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="eingegangen",
                    ),
                ),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                ("erased_at", models.DateTimeField(blank=True, null=True)),
                (
                    "about",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="reports.report",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.municipality",
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="mails",
                        to="reports.report",
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="IncomingFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ordinal", models.PositiveSmallIntegerField()),
                ("name", models.CharField(max_length=120)),
                ("byte_size", models.PositiveIntegerField()),
                ("sealed_key", models.CharField(max_length=200)),
                ("is_photo", models.BooleanField(default=False)),
                (
                    "mail",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="reports.incomingmail",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="incomingmail",
            index=models.Index(
                condition=models.Q(("settled_at__isnull", True)),
                fields=["municipality", "received_at"],
                name="incoming_mail_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="incomingmail",
            index=models.Index(
                condition=models.Q(("erased_at__isnull", True)),
                fields=["received_at"],
                name="incoming_mail_to_erase",
            ),
        ),
        migrations.AddConstraint(
            model_name="incomingmail",
            constraint=models.UniqueConstraint(
                fields=("municipality", "message_key"), name="incoming_mail_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="incomingmail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("erased_at__isnull", True),
                    models.Q(
                        ("body", ""), ("sender_email", ""), ("sender_name", ""), ("subject", "")
                    ),
                    _connector="OR",
                ),
                name="incoming_mail_erased_is_empty",
            ),
        ),
        migrations.AddConstraint(
            model_name="incomingmail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("settled_at__isnull", True), ("state__in", ["new", "spam", "automatic"])
                    ),
                    models.Q(
                        ("settled_at__isnull", False),
                        ("state__in", ["discarded", "filed", "reported"]),
                    ),
                    _connector="OR",
                ),
                name="incoming_mail_settled_when_done",
            ),
        ),
        migrations.AddConstraint(
            model_name="incomingfile",
            constraint=models.UniqueConstraint(
                fields=("mail", "ordinal"), name="incoming_file_ordinal"
            ),
        ),
    ]
