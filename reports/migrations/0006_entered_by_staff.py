"""Entries staff make for others, calls and letters that are owed, and how somebody is answered."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_council_answer_days"),
        ("reports", "0005_index_published_by_time"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="EntryDraft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("form_key", models.CharField(max_length=64)),
                ("values", models.JSONField(default=dict)),
                (
                    "updated_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReplyTask",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("call", "Rückruf"), ("letter", "Brief")], max_length=6
                    ),
                ),
                ("event", models.CharField(max_length=40)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "offen"),
                            ("done", "erledigt"),
                            ("given_up", "aufgegeben"),
                            ("dropped", "entfallen"),
                        ],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("due_at", models.DateTimeField(verbose_name="fällig")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="Versuche")),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="contact",
            name="contact_erased_is_empty",
        ),
        migrations.AddField(
            model_name="contact",
            name="answer_by",
            field=models.CharField(
                choices=[
                    ("email", "E-Mail"),
                    ("call", "Rückruf"),
                    ("letter", "Brief"),
                    ("none", "keine Antwort gewünscht"),
                ],
                db_default="email",
                default="email",
                max_length=6,
                verbose_name="Antwort per",
            ),
        ),
        migrations.AddField(
            model_name="contact",
            name="postal_address",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="Anschrift"),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("erased_at__isnull", True),
                    models.Q(("email", ""), ("name", ""), ("phone", ""), ("postal_address", "")),
                    _connector="OR",
                ),
                name="contact_erased_is_empty",
            ),
        ),
        migrations.AddField(
            model_name="entrydraft",
            name="municipality",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="accounts.municipality",
            ),
        ),
        migrations.AddField(
            model_name="entrydraft",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="replytask",
            name="report",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reply_tasks",
                to="reports.report",
            ),
        ),
        migrations.AddField(
            model_name="replytask",
            name="settled_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="entrydraft",
            index=models.Index(fields=["updated_at"], name="entry_draft_age"),
        ),
        migrations.AddConstraint(
            model_name="entrydraft",
            constraint=models.UniqueConstraint(
                fields=("user", "form_key"), name="entry_draft_once"
            ),
        ),
        migrations.AddIndex(
            model_name="replytask",
            index=models.Index(
                condition=models.Q(("state", "open")), fields=["due_at"], name="reply_task_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="replytask",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")),
                fields=("report", "kind"),
                name="reply_task_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="replytask",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("settled_at__isnull", True), ("state", "open")),
                    models.Q(
                        models.Q(("state", "open"), _negated=True), ("settled_at__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="reply_task_settled_when_not_open",
            ),
        ),
    ]
