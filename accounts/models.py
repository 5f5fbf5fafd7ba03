"""The ground of the house: municipalities, their offices and teams, staff and their roles."""

from datetime import date
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.gis.db import models
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db.models import F, Q
from django.db.models.functions import Lower, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

import accounts.absence  # noqa: F401 - Django finds tables through models.py
from accounts.clients import ApiClient as ApiClient
from accounts.clients import RateClass as RateClass
from accounts.counters import DailySalt as DailySalt
from accounts.counters import RateCounter as RateCounter
from accounts.incident_limits import IncidentLimits
from accounts.private_ground import FOR_TOWNS, PrivateGround

RESERVED_SLUGS = frozenset(
    [
        "desk",
        "admin",
        "api",
        "open311",
        "opendata",
        "healthz",
        "readyz",
        "static",
        "media",
        "tiles",
        "robots.txt",
        "sitemap.xml",
        "favicon.ico",
        ".well-known",
        "konto",
        "account",
        "accounts",
        "i18n",
        "sprache",
        "manifest.webmanifest",
        "sw.js",
        "test",
    ]
)

slug_format = RegexValidator(
    r"^[a-z][a-z0-9-]{1,39}$", _("Kleinbuchstaben, Ziffern und Bindestrich, 2 bis 40 Zeichen.")
)
portal_format = RegexValidator(
    r"^http://dcat-ap\.de/def/contributors/[A-Za-z]+$",
    _("Erwartet wird http://dcat-ap.de/def/contributors/…"),
)
prefix_format = RegexValidator(r"^[A-ZÄÖÜ]{1,5}$", _("1 bis 5 Großbuchstaben."))


def refuse_reserved_slug(value: str) -> None:
    """Raise ValidationError for words that are addresses of the system itself."""
    if value in RESERVED_SLUGS:
        raise ValidationError(_("Dieses Wort ist für eine Adresse des Systems vergeben."))


class Bundesland(models.TextChoices):
    """German states by ISO 3166-2 code; decides the public holidays."""

    BW = "BW", "Baden-Württemberg"
    BY = "BY", "Bayern"
    BE = "BE", "Berlin"
    BB = "BB", "Brandenburg"
    HB = "HB", "Bremen"
    HH = "HH", "Hamburg"
    HE = "HE", "Hessen"
    MV = "MV", "Mecklenburg-Vorpommern"
    NI = "NI", "Niedersachsen"
    NW = "NW", "Nordrhein-Westfalen"
    RP = "RP", "Rheinland-Pfalz"
    SL = "SL", "Saarland"
    SN = "SN", "Sachsen"
    ST = "ST", "Sachsen-Anhalt"
    SH = "SH", "Schleswig-Holstein"
    TH = "TH", "Thüringen"


class Municipality(IncidentLimits):
    """A town served by this installation (Mandant; Open311: jurisdiction)."""

    slug = models.CharField(
        _("Kurzname in Adressen"),
        max_length=40,
        unique=True,
        validators=[slug_format, refuse_reserved_slug],
        help_text=_("Teil jeder Adresse und Open311-Kennung; später nicht mehr ändern."),
    )
    name = models.CharField(_("Name"), max_length=80)
    official_name = models.CharField(_("amtlicher Name"), max_length=120)
    receipt_prefix = models.CharField(
        _("Präfix der Vorgangsnummer"), max_length=5, unique=True, validators=[prefix_format]
    )
    state = models.CharField(
        _("Bundesland"), max_length=2, choices=Bundesland.choices, default=Bundesland.BW
    )
    time_zone = models.CharField(_("Zeitzone"), max_length=40, default="Europe/Berlin")
    host_name = models.CharField(
        _("eigener Rechnername"),
        max_length=120,
        unique=True,
        null=True,
        blank=True,
        help_text=_("Unter diesem Namen ist nur diese Kommune sichtbar."),
    )
    coverage = models.MultiPolygonField(_("Stadtgebiet"), srid=4326)
    center = models.PointField(_("Kartenmitte"), srid=4326)
    contact_email = models.EmailField(_("E-Mail-Adresse"))
    contact_phone = models.CharField(_("Telefon"), max_length=40, blank=True, default="")
    website = models.URLField(_("Internetseite"), blank=True, default="")
    emergency_contact = models.CharField(
        _("Rufnummer außerhalb der Dienstzeit"), max_length=120, blank=True, default=""
    )
    control_centre_email = models.EmailField(
        _("E-Mail der Leitstelle"),
        blank=True,
        default="",
        help_text=_("Erhält Gefahrenmeldungen, die niemand quittiert."),
    )
    control_centre_phone = models.CharField(
        _("Rufnummer der Leitstelle"),
        max_length=40,
        blank=True,
        default="",
        db_default="",
        help_text=_("Erhält dieselben als SMS oder Anruf, wo es ein Gateway dafür gibt."),
    )
    on_call_weekday = models.PositiveSmallIntegerField(
        _("Wochentag, an dem die Bereitschaft wechselt"),
        default=0,
        db_default=0,
        validators=[MaxValueValidator(6)],
        help_text=_("0 = Montag"),
    )
    on_call_hour = models.PositiveSmallIntegerField(
        _("Stunde, zu der die Bereitschaft wechselt"),
        default=7,
        db_default=7,
        validators=[MaxValueValidator(23)],
    )
    interim_days = models.PositiveSmallIntegerField(
        _("Werktage ohne Neues bis zur Zwischennachricht"),
        default=0,
        db_default=0,
        help_text=_("0: keine Zwischennachricht."),
    )
    interim_by_itself = models.BooleanField(
        _("Zwischennachricht von selbst senden"),
        default=False,
        db_default=False,
        help_text=_("Sonst steht sie als Aufgabe in der Liste des Amts."),
    )
    acknowledge_minutes = models.PositiveSmallIntegerField(
        _("Minuten bis zur Quittung einer Gefahrenmeldung"), default=15
    )
    held_hours = models.PositiveSmallIntegerField(
        _("Stunden bis zur Mahnung bei zurückgehaltenen Meldungen"),
        default=4,
        validators=[MinValueValidator(1)],
    )
    intake_limits = models.JSONField(
        _("Mengengrenzen für Meldungen"),
        default=dict,
        blank=True,
        help_text=_(
            "Nur was von der Voreinstellung abweicht, z. B. "
            '{"total": {"soft": 300}, "peer": {"soft": 20, "hard": 100}}'
        ),
    )
    handover_days = models.PositiveSmallIntegerField(
        _("Werktage zur Annahme einer Abgabe"), default=3
    )
    council_answer_days = models.PositiveSmallIntegerField(
        _("Werktage bis zur Antwort auf eine Ratsanfrage"), default=15, db_default=15
    )
    feedback_days = models.PositiveSmallIntegerField(
        _("Tage für „Stimmt das?“ nach einer Reparatur"),
        default=14,
        db_default=14,
        help_text=_("0: es wird nicht gefragt. Eine Anliegenart kann abweichen."),
    )
    tile_url = models.CharField(
        _("Kachelserver"),
        max_length=200,
        blank=True,
        default="",
        help_text=_("Leer: Karte aus den Gebietsumrissen. Sonst https://…/{z}/{x}/{y}.png"),
    )
    tile_attribution = models.CharField(
        _("Quellenangabe der Karte"), max_length=200, blank=True, default=""
    )
    licence = models.CharField(
        _("Lizenz der offenen Daten"),
        max_length=120,
        default="https://www.govdata.de/dl-de/zero-2-0",
    )
    attribution = models.CharField(
        _("Namensnennung"), max_length=200, blank=True, default="", db_default=""
    )
    private_ground = models.CharField(
        _("Ort auf einem privaten Flurstück"),
        max_length=6,
        choices=FOR_TOWNS,
        default=PrivateGround.HOLD,
        db_default=PrivateGround.HOLD.value,
        help_text=_(
            "Was daraus wird, bevor er öffentlich ist; eine Anliegenart kann es anders regeln. "
            "Eine Änderung gilt auch für das, was schon öffentlich ist."
        ),
    )
    contributor = models.CharField(
        _("Datenportal"), max_length=120, blank=True, default="", db_default="",
        validators=[portal_format],
    )  # fmt: skip
    pages = models.JSONField(
        _("Seitentexte"), default=dict, blank=True, help_text=_("Impressum, Datenschutz, …")
    )
    is_live = models.BooleanField(_("öffentlich erreichbar"), default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("Kommune")
        verbose_name_plural = _("Kommunen")
        constraints = [
            models.CheckConstraint(
                condition=~Q(slug__in=sorted(RESERVED_SLUGS)), name="municipality_slug_not_reserved"
            ),
            models.CheckConstraint(
                condition=Q(slug__regex=r"^[a-z][a-z0-9-]{1,39}$"), name="municipality_slug_format"
            ),
            models.CheckConstraint(
                condition=Q(receipt_prefix__regex=r"^[A-ZÄÖÜ]{1,5}$"),
                name="municipality_prefix_format",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def tz(self) -> ZoneInfo:
        """The town's time zone."""
        return ZoneInfo(self.time_zone)


class OfficeQuerySet(models.QuerySet["Office"]):
    def valid_on(self, day: date) -> "OfficeQuerySet":
        """Offices that exist on a day (both ends inclusive)."""
        return self.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=day),
            Q(valid_to__isnull=True) | Q(valid_to__gte=day),
        )


class Office(models.Model):
    """An organisational unit that can be responsible for cases (Amt, Organisationseinheit)."""

    municipality = models.ForeignKey(
        Municipality, models.PROTECT, related_name="offices", verbose_name=_("Kommune")
    )
    key = models.CharField(_("Schlüssel"), max_length=40, help_text=_("bleibt für immer gleich"))
    number = models.CharField(_("Nummer"), max_length=12, blank=True, default="")
    name = models.CharField(_("Name"), max_length=120)
    short_name = models.CharField(_("Kurzname"), max_length=60, blank=True, default="")
    email = models.EmailField(_("Postfach"))
    phone = models.CharField(_("Telefon"), max_length=40, blank=True, default="")
    is_dispatch = models.BooleanField(
        _("Dispositionsstelle"), default=False, help_text=_("genau eine je Kommune")
    )
    valid_from = models.DateField(_("gültig ab"), null=True, blank=True)
    valid_to = models.DateField(_("gültig bis"), null=True, blank=True)
    successor = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name=_("Nachfolger"),
    )
    note = models.CharField(_("Bemerkung"), max_length=200, blank=True, default="")

    objects = OfficeQuerySet.as_manager()

    class Meta:
        verbose_name = _("Amt")
        verbose_name_plural = _("Ämter")
        constraints = [
            models.UniqueConstraint(fields=["municipality", "key"], name="office_key_unique"),
            models.UniqueConstraint(
                fields=["municipality"],
                condition=Q(is_dispatch=True),
                name="office_one_dispatch_per_municipality",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_to__gte=F("valid_from")),
                name="office_valid_range",
            ),
            models.CheckConstraint(
                condition=Q(successor__isnull=True) | Q(valid_to__isnull=False),
                name="office_successor_needs_end",
            ),
            models.CheckConstraint(
                condition=Q(is_dispatch=False) | Q(valid_to__isnull=True),
                name="office_dispatch_has_no_end",
            ),
        ]

    def __str__(self) -> str:
        return office_label(self.number, self.name)

    @property
    def label(self) -> str:
        """How clerks name the office: `Amt 66 Straßenwesen` or its short name."""
        return office_label(self.number, self.name, self.short_name)


def office_label(number: str, name: str, short_name: str = "") -> str:
    """What an office is called: its short name, else number and name."""
    return short_name or f"{number} {name}".strip()


class OfficeName(models.Model):
    """A former number and name of an office, so that history keeps the old name."""

    office = models.ForeignKey(Office, models.CASCADE, related_name="former_names")
    number = models.CharField(_("Nummer"), max_length=12, blank=True, default="")
    name = models.CharField(_("Name"), max_length=120)
    valid_to = models.DateField(_("geführt bis"))

    class Meta:
        verbose_name = _("früherer Name")
        verbose_name_plural = _("frühere Namen")

    def __str__(self) -> str:
        return office_label(self.number, self.name)


class Team(models.Model):
    """A group inside an office."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="teams")
    name = models.CharField(_("Name"), max_length=80)
    lead = models.ForeignKey(
        "accounts.User",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="leads",
        verbose_name=_("Teamleitung"),
        help_text=_("Wird erinnert, wenn eine Frist verstreicht."),
    )

    class Meta:
        verbose_name = _("Team")
        verbose_name_plural = _("Teams")
        constraints = [
            models.UniqueConstraint(fields=["office", "name"], name="team_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class UserAccounts(BaseUserManager["User"]):
    """Creates people; the address is the login name."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a person with a login address; without password nobody can log in."""
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an operator with every right in the administration."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Look a person up by address, ignoring case."""
        return self.get(email__iexact=username or "")


class User(AbstractBaseUser, PermissionsMixin):
    """A member of staff. Citizens never have accounts."""

    email = models.EmailField(_("E-Mail-Adresse"), unique=True)
    first_name = models.CharField(_("Vorname"), max_length=60, blank=True, default="")
    last_name = models.CharField(_("Nachname"), max_length=60, blank=True, default="")
    phone = models.CharField(_("Telefon"), max_length=40, blank=True, default="")
    is_active = models.BooleanField(_("aktiv"), default=True)
    is_staff = models.BooleanField(
        _("Zugang zur Administration"), default=False, help_text=_("Verwaltung der Stammdaten.")
    )
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[UserAccounts] = UserAccounts()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("Person")
        verbose_name_plural = _("Personen")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique_ignoring_case"),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    def get_full_name(self) -> str:
        """Vorname Nachname."""
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        """Nachname, as colleagues call each other in lists."""
        return self.last_name or self.email


class Role(models.TextChoices):
    """What somebody may do in a municipality; clerks and heads belong to one office."""

    CLERK = "clerk", pgettext_lazy("role", "Sachbearbeitung")
    DISPATCHER = "dispatcher", _("Disposition")
    MODERATOR = "moderator", _("Redaktion")
    MANAGER = "manager", _("Amtsleitung")
    PRIVACY = "privacy", _("Datenschutz")
    ADMIN = "admin", _("Administration")


class RoleAssignment(models.Model):
    """A role of a person in one municipality, for clerks in one office of it."""

    user = models.ForeignKey(User, models.CASCADE, related_name="roles", verbose_name=_("Person"))
    municipality = models.ForeignKey(
        Municipality, models.CASCADE, related_name="role_assignments", verbose_name=_("Kommune")
    )
    office = models.ForeignKey(
        Office,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="role_assignments",
        verbose_name=_("Amt"),
    )
    role = models.CharField(_("Rolle"), max_length=12, choices=Role.choices)

    class Meta:
        verbose_name = _("Rolle")
        verbose_name_plural = _("Rollen")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "municipality", "office", "role"],
                name="role_assignment_unique",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=~Q(role="clerk") | Q(office__isnull=False),
                name="role_clerk_needs_office",
            ),
        ]

    def __str__(self) -> str:
        return self.get_role_display()
