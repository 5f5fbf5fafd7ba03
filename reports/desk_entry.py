"""Tables of what staff enter for others: unsent entries, and calls and letters that are owed.

An unsent entry holds personal data and lives for days at most. A reply task holds none: whom to
call and where to write stands in the erasable contact.
"""

from django.contrib.gis.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class EntryDraft(models.Model):
    """A form of the desk as it was typed so far, for the person who types it and nobody else.

    `values` maps field names to lists of words, as a browser sends them.
    """

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="+")
    municipality = models.ForeignKey("accounts.Municipality", models.CASCADE, related_name="+")
    form_key = models.CharField(max_length=64)
    values = models.JSONField(default=dict)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "form_key"], name="entry_draft_once"),
        ]
        indexes = [models.Index(fields=["updated_at"], name="entry_draft_age")]


class AttachedCaller(models.Model):
    """Somebody who called about a case that was there already: a support with a way to answer.

    Erasable; the support goes on counting.
    """

    support = models.OneToOneField(
        "reports.Support", models.CASCADE, primary_key=True, related_name="caller"
    )
    name = models.CharField(_("Name"), max_length=120, blank=True, default="")
    phone = models.CharField(_("Telefon"), max_length=40, blank=True, default="")
    postal_address = models.TextField(_("Anschrift"), blank=True, default="")
    answer_by = models.CharField(_("Antwort per"), max_length=6)
    attached_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    attached_at = models.DateTimeField(db_default=Now())
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) | Q(name="", phone="", postal_address=""),
                name="attached_caller_erased_is_empty",
            ),
        ]


class ReplyTask(models.Model):
    """A call or a letter to somebody who cannot or does not want to be told by mail.

    It counts as the notification once it is done. Of one person at most one is open, so that
    one call tells all that has happened since.
    """

    class Kind(models.TextChoices):
        CALL = "call", _("Rückruf")
        LETTER = "letter", _("Brief")

    class State(models.TextChoices):
        OPEN = "open", _("offen")
        DONE = "done", _("erledigt")
        GIVEN_UP = "given_up", _("aufgegeben")
        DROPPED = "dropped", _("entfallen")

    report = models.ForeignKey("reports.Report", models.CASCADE, related_name="reply_tasks")
    # Empty for the person who reported; else whom of those who called later.
    caller = models.ForeignKey(
        AttachedCaller, models.CASCADE, null=True, blank=True, related_name="reply_tasks"
    )
    kind = models.CharField(max_length=6, choices=Kind.choices)
    event = models.CharField(max_length=40)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    due_at = models.DateTimeField(_("fällig"))
    attempts = models.PositiveSmallIntegerField(_("Versuche"), default=0)
    created_at = models.DateTimeField(db_default=Now())
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["report", "caller", "kind"],
                condition=Q(state="open"),
                nulls_distinct=False,
                name="reply_task_one_open_each",
            ),
            models.CheckConstraint(
                condition=Q(state="open", settled_at__isnull=True)
                | (~Q(state="open") & Q(settled_at__isnull=False)),
                name="reply_task_settled_when_not_open",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="open"), name="reply_task_due"),
        ]
