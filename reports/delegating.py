"""Tables of work given to a firm or crew without an account (Beauftragung), opened by a link.

A delegation is one firm's part in one case. It is no work order (Auftrag): that may later bundle
several of these with numbers, cost centres and dates of its own.
"""

from django.contrib.gis.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

# What the code in the firm's link is derived for.
DELEGATION = "delegation"


class Firm(models.Model):
    """A firm or crew of the town's directory that work can be given to."""

    class Kind(models.TextChoices):
        FIRM = "firm", _("Firma")
        CREW = "crew", _("Trupp")

    municipality = models.ForeignKey(
        "accounts.Municipality", models.PROTECT, related_name="firms", verbose_name=_("Kommune")
    )
    kind = models.CharField(_("Art"), max_length=4, choices=Kind.choices, default=Kind.FIRM)
    name = models.CharField(_("Name"), max_length=120)
    trade = models.CharField(
        _("Gewerk"), max_length=120, blank=True, default="", help_text=_("z. B. Straßenbau")
    )
    email = models.EmailField(_("E-Mail-Adresse"))
    phone = models.CharField(_("Telefon"), max_length=40, blank=True, default="")
    language = models.CharField(
        _("Sprache"), max_length=8, choices=[("de", "Deutsch"), ("en", "English")], default="de"
    )
    days = models.PositiveSmallIntegerField(
        _("übliche Tage bis zur Erledigung"), default=7, db_default=7
    )
    is_active = models.BooleanField(_("wird angeboten"), default=True)

    class Meta:
        verbose_name = _("Firma oder Trupp")
        verbose_name_plural = _("Firmen und Trupps")
        constraints = [
            models.UniqueConstraint(fields=["municipality", "name"], name="firm_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class DelegationState(models.TextChoices):
    """Where a delegation stands; the first four are open, the others have ended for good."""

    GIVEN = "given", _("beauftragt, noch keine Antwort")
    ACCEPTED = "accepted", _("angenommen")
    WORKING = "working", _("in Arbeit")
    DONE = "done", _("erledigt gemeldet")
    CHECKED = "checked", _("abgenommen")
    REFUSED = "refused", _("abgelehnt")
    SILENT = "silent", _("nicht beantwortet, von selbst zurück")
    REVOKED = "revoked", _("zurückgenommen")


S = DelegationState
OPEN_DELEGATIONS = frozenset({S.GIVEN, S.ACCEPTED, S.WORKING, S.DONE})
# What a firm may do, by where the delegation stands. Ends are the office's or the clock's.
FIRM_STEPS: dict[str, frozenset[str]] = {
    S.GIVEN: frozenset({S.ACCEPTED, S.REFUSED, S.WORKING, S.DONE}),
    S.ACCEPTED: frozenset({S.WORKING, S.DONE, S.REFUSED}),
    S.WORKING: frozenset({S.DONE, S.REFUSED}),
    S.DONE: frozenset({S.WORKING}),
}


class Delegation(models.Model):
    """Work on a case given to a firm: with which words and photos, until when, where it stands.

    `photos` are the ordinals the firm may see. Raising `key_version` shuts every link out.
    """

    report = models.ForeignKey("reports.Report", models.CASCADE, related_name="delegations")
    firm = models.ForeignKey(Firm, models.PROTECT, related_name="delegations")
    state = models.CharField(
        max_length=8, choices=DelegationState.choices, default=DelegationState.GIVEN
    )
    instructions_remark_id = models.BigIntegerField()
    photos = models.JSONField(default=list, blank=True)
    key_version = models.PositiveSmallIntegerField(default=1)
    until = models.DateTimeField(_("Frist"))
    delegated_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    delegated_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())
    done_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["report"],
                condition=Q(state__in=sorted(OPEN_DELEGATIONS)),
                name="delegation_one_open",
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted(OPEN_DELEGATIONS), ended_at__isnull=True)
                | (~Q(state__in=sorted(OPEN_DELEGATIONS)) & Q(ended_at__isnull=False)),
                name="delegation_ended_says_when",
            ),
        ]
        indexes = [
            models.Index(
                fields=["until"],
                condition=Q(state__in=sorted(OPEN_DELEGATIONS)),
                name="delegation_open",
            ),
        ]

    @property
    def is_open(self) -> bool:
        """Whether the link opens and something is still to be done or checked."""
        return self.state in OPEN_DELEGATIONS
