"""Tables of bodies outside the town hall, what was passed on to them, and who allowed what.

A body is whoever else is responsible: the road authority, the railway, a private owner, the town
next door. What is passed on may be answered, so every passing has a key of its own that leads
back (purpose PASSING, derived, never stored).
"""

from django.contrib.gis.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

PASSING = "passing"


class BodyKind(models.TextChoices):
    """Who else can be responsible for what citizens report."""

    ROAD = "road", _("Straßenbauverwaltung")
    MOTORWAY = "motorway", _("Autobahn GmbH")
    DISTRICT = "district", _("Landkreis")
    RAIL = "rail", _("Bahn")
    UTILITY = "utility", _("Stadtwerke oder Versorger")
    PRIVATE = "private", _("private Eigentümer")
    TOWN = "town", _("andere Kommune")
    OTHER = "other", _("sonstige Stelle")


class BodyChannel(models.TextChoices):
    """How a body takes cases."""

    MAIL = "mail", _("E-Mail")
    LETTER = "letter", _("Brief")
    PHONE = "phone", _("Telefon")
    TOWN = "town", _("Kommune dieser Installation")


class OutsideBody(models.Model):
    """A body that is no office of the town (andere Stelle), and how it takes cases.

    Without categories it takes all kinds, without areas from everywhere in the town.
    """

    municipality = models.ForeignKey(
        "accounts.Municipality",
        models.PROTECT,
        related_name="outside_bodies",
        verbose_name=_("Kommune"),
    )
    kind = models.CharField(_("Art"), max_length=8, choices=BodyKind.choices)
    name = models.CharField(_("Name"), max_length=120)
    what_for = models.CharField(
        _("wofür zuständig"),
        max_length=200,
        blank=True,
        default="",
        help_text=_("z. B. Fahrbahn der Bundesstraßen außerorts"),
    )
    categories = models.ManyToManyField(
        "routing.Category",
        blank=True,
        related_name="+",
        verbose_name=_("Anliegenarten"),
        help_text=_("leer: alle"),
    )
    areas = models.ManyToManyField(
        "routing.Area",
        blank=True,
        related_name="+",
        verbose_name=_("Gebiete"),
        help_text=_("leer: überall"),
    )
    channel = models.CharField(
        _("nimmt Vorgänge an per"), max_length=6, choices=BodyChannel.choices
    )
    email = models.EmailField(_("E-Mail-Adresse"), blank=True, default="")
    phone = models.CharField(_("Telefon"), max_length=40, blank=True, default="")
    postal_address = models.TextField(_("Anschrift"), blank=True, default="", max_length=400)
    language = models.CharField(
        _("Sprache"), max_length=8, choices=[("de", "Deutsch"), ("en", "English")], default="de"
    )
    to_municipality = models.ForeignKey(
        "accounts.Municipality",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Kommune dieser Installation"),
        help_text=_("Dort entsteht ein Vorgang, wenn so angenommen wird."),
    )
    their_category_code = models.CharField(
        _("Anliegenart dort"),
        max_length=60,
        blank=True,
        default="",
        help_text=_("Code in der anderen Kommune, wenn es dort keine gleiche Anliegenart gibt."),
    )
    answer_days = models.PositiveSmallIntegerField(
        _("Tage bis zur Wiedervorlage"), default=14, db_default=14
    )
    asks_consent = models.BooleanField(
        _("Einwilligung im Formular abfragen"),
        default=False,
        help_text=_(
            "Wer meldet, kann ankreuzen, dass Name und Kontakt an diese Stelle gehen dürfen. Nur "
            "bei den Anliegenarten oben."
        ),
    )
    is_active = models.BooleanField(_("wird angeboten"), default=True)

    class Meta:
        verbose_name = _("andere Stelle")
        verbose_name_plural = _("andere Stellen")
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "name"], name="outside_body_name_unique"
            ),
            models.CheckConstraint(
                condition=~Q(channel="mail") | ~Q(email=""), name="outside_body_mail_has_address"
            ),
            models.CheckConstraint(
                condition=~Q(channel="letter") | ~Q(postal_address=""),
                name="outside_body_letter_has_address",
            ),
            models.CheckConstraint(
                condition=~Q(channel="phone") | ~Q(phone=""), name="outside_body_phone_has_number"
            ),
            models.CheckConstraint(
                condition=~Q(channel="town") | Q(to_municipality__isnull=False),
                name="outside_body_town_is_named",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BodyConsent(models.Model):
    """That a reporter lets one body know who they are; ended, never deleted, while it counts."""

    report = models.ForeignKey("reports.Report", models.CASCADE, related_name="body_consents")
    body = models.ForeignKey(OutsideBody, models.PROTECT, related_name="+")
    given_at = models.DateTimeField(db_default=Now())
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["report", "body"],
                condition=Q(revoked_at__isnull=True),
                name="body_consent_stands_once",
            ),
        ]


class Passing(models.Model):
    """A case passed on to a body (Weitergabe): with what, by whom, and when to look again.

    `letter_remark_id` are the words that went along, `photos` the ordinals that did; the body
    never sees more. `there` is the case that came of it in another town of this installation.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("wartet auf Antwort")
        ANSWERED = "answered", _("hat geantwortet")
        SETTLED = "settled", _("erledigt")

    report = models.ForeignKey("reports.Report", models.CASCADE, related_name="passings")
    body = models.ForeignKey(OutsideBody, models.PROTECT, related_name="passings")
    channel = models.CharField(max_length=6, choices=BodyChannel.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    letter_remark_id = models.BigIntegerField()
    photos = models.JSONField(default=list, blank=True)
    with_contact = models.BooleanField(default=False)
    key_version = models.PositiveSmallIntegerField(default=1)
    passed_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    passed_at = models.DateTimeField(db_default=Now())
    follow_up_on = models.DateField(_("Wiedervorlage"))
    answered_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    there = models.ForeignKey(
        "reports.Report", models.SET_NULL, null=True, blank=True, related_name="passed_from"
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["follow_up_on"], condition=~Q(state="settled"), name="passing_follow_up"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="settled", settled_at__isnull=False)
                | (~Q(state="settled") & Q(settled_at__isnull=True)),
                name="passing_settled_says_when",
            ),
        ]

    @property
    def is_open(self) -> bool:
        """Whether something is still expected of the body."""
        return self.state != self.State.SETTLED
