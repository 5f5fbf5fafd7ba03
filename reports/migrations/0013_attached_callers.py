"""Callers can join a case that is there already, each with a way of their own to be answered."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0012_masks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AttachedCaller",
            fields=[
                (
                    "support",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="caller",
                        serialize=False,
                        to="reports.support",
                    ),
                ),
                (
                    "name",
                    models.CharField(blank=True, default="", max_length=120, verbose_name="Name"),
                ),
                (
                    "phone",
                    models.CharField(blank=True, default="", max_length=40, verbose_name="Telefon"),
                ),
                (
                    "postal_address",
                    models.TextField(blank=True, default="", verbose_name="Anschrift"),
                ),
                ("answer_by", models.CharField(max_length=6, verbose_name="Antwort per")),
                (
                    "attached_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("erased_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="replytask",
            name="reply_task_one_open",
        ),
        migrations.AddField(
            model_name="attachedcaller",
            name="attached_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="replytask",
            name="caller",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reply_tasks",
                to="reports.attachedcaller",
            ),
        ),
        migrations.AddConstraint(
            model_name="replytask",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")),
                fields=("report", "caller", "kind"),
                name="reply_task_one_open_each",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="attachedcaller",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("erased_at__isnull", True),
                    models.Q(("name", ""), ("phone", ""), ("postal_address", "")),
                    _connector="OR",
                ),
                name="attached_caller_erased_is_empty",
            ),
        ),
    ]
