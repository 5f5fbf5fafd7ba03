"""What decides responsibility: areas, the category catalogue, rules, office hours, duty rosters."""

from datetime import date

from django.contrib.gis.db import models
from django.contrib.gis.geos import Point
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db.models import Expression, F, OuterRef, Q
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

import routing.asset
import routing.category_notice
import routing.ground_check
import routing.layer_upload
import routing.word_topic  # noqa: F401 - Django finds tables through models.py
from routing.area_attributes import validate_attributes
from routing.publication_policy import PrivateGround as PrivateGround
from routing.publication_policy import PublicationPolicy as PublicationPolicy
from routing.rules.rows import Rule as Rule
from routing.rules.rows import RuleSet as RuleSet

code_format = RegexValidator(
    r"^[a-z0-9][a-z0-9._-]{0,59}$", _("Kleinbuchstaben, Ziffern, Punkt, Bindestrich.")
)


class AreaLevel(models.TextChoices):
    MUNICIPALITY = "municipality", _("Stadtgebiet")
    DISTRICT = "district", _("Stadtteil")
    BEAT = "beat", _("Bezirk")
    ROAD = "road", _("Straße")
    RAIL = "rail", _("Bahnanlage")
    WATER = "water", _("Gewässer")
    PARCEL = "parcel", _("Flurstück")


class AreaQuerySet(models.QuerySet["Area"]):
    def valid_on(self, day: date | Expression) -> "AreaQuerySet":
        """Areas in force on a day, or on that of a row of the query around this one."""
        return self.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=day),
            Q(valid_to__isnull=True) | Q(valid_to__gte=day),
        )

    def containing(self, point: Point | OuterRef) -> "AreaQuerySet":
        """Areas that cover a point (WGS84); a point on a shared edge is covered by both."""
        return self.filter(geometry__covers=point)


class Area(models.Model):
    """A piece of the map that rules and statistics refer to (Zuständigkeitsgebiet).

    A road, track or stream is held as its `centre_line` and the metres to each side; `geometry` is
    computed from both. `attributes`: {key: value} as area_attributes.py knows them.
    """

    municipality = models.ForeignKey(
        "accounts.Municipality", models.PROTECT, related_name="areas", verbose_name=_("Kommune")
    )
    level = models.CharField(
        _("Ebene"), max_length=16, choices=AreaLevel.choices, default=AreaLevel.DISTRICT
    )
    key = models.CharField(_("Schlüssel"), max_length=80)
    name = models.CharField(_("Name"), max_length=120)
    geometry = models.MultiPolygonField(_("Fläche"), srid=4326)
    centre_line = models.MultiLineStringField(_("Mittellinie"), srid=4326, null=True, blank=True)
    buffer_m = models.FloatField(
        _("Meter zu jeder Seite der Mittellinie"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0.5), MaxValueValidator(500)],
    )
    attributes = models.JSONField(
        _("Eigenschaften"), default=dict, blank=True, validators=[validate_attributes]
    )
    valid_from = models.DateField(_("gültig ab"), null=True, blank=True)
    valid_to = models.DateField(_("gültig bis"), null=True, blank=True)
    source = models.CharField(_("Quelle"), max_length=200, blank=True, default="")

    objects = AreaQuerySet.as_manager()

    class Meta:
        verbose_name = _("Gebiet")
        verbose_name_plural = _("Gebiete")
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "level", "key", "valid_from"],
                name="area_key_unique",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_to__gte=F("valid_from")),
                name="area_valid_range",
            ),
            models.CheckConstraint(
                condition=Q(centre_line__isnull=True, buffer_m__isnull=True)
                | Q(centre_line__isnull=False, buffer_m__gt=0),
                name="area_line_has_width",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def validity(self) -> str:
        """The days on which it is valid, in words."""
        begins = date_format(self.valid_from, "SHORT_DATE_FORMAT") if self.valid_from else ""
        ends = date_format(self.valid_to, "SHORT_DATE_FORMAT") if self.valid_to else ""
        if begins and ends:
            return gettext("%(begins)s bis %(ends)s") % {"begins": begins, "ends": ends}
        if begins:
            return gettext("ab %(begins)s") % {"begins": begins}
        return gettext("bis %(ends)s") % {"ends": ends} if ends else gettext("immer")


class Category(models.Model):
    """A kind of report in two levels: groups and the categories below them (Anliegenart)."""

    municipality = models.ForeignKey(
        "accounts.Municipality",
        models.PROTECT,
        related_name="categories",
        verbose_name=_("Kommune"),
    )
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("Gruppe"),
    )
    code = models.CharField(_("Code"), max_length=60, validators=[code_format])
    name = models.CharField(_("Name"), max_length=100)
    description = models.CharField(_("Beschreibung"), max_length=400, blank=True, default="")
    notice = models.CharField(_("Hinweis vor dem Absenden"), max_length=400, blank=True, default="")
    keywords = ArrayField(
        models.CharField(max_length=120),
        verbose_name=_("Suchwörter"),
        default=list,
        blank=True,
    )
    icon = models.CharField(_("Zeichen"), max_length=40, blank=True, default="")
    default_office = models.ForeignKey(
        "accounts.Office",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("zuständig, wenn keine Regel greift"),
    )
    publication_policy = models.CharField(
        _("Veröffentlichung"),
        max_length=16,
        choices=PublicationPolicy.choices,
        default=PublicationPolicy.AFTER_APPROVAL,
    )
    public_grid_m = models.PositiveIntegerField(
        _("Raster des öffentlichen Ortes in Metern"),
        default=10,
        validators=[MinValueValidator(10), MaxValueValidator(5000)],
    )
    private_ground = models.CharField(
        _("Ort auf einem privaten Flurstück"),
        max_length=6,
        blank=True,
        choices=[("", _("wie für die Kommune eingestellt")), *PrivateGround.choices],
        default="",
        db_default="",
        help_text=_("Flurstücke mit Eigentum „privat“ in den Gebieten; ohne solche ohne Wirkung."),
    )
    decide_within_hours = models.PositiveSmallIntegerField(
        _("Stunden, in denen über die Veröffentlichung entschieden sein soll"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(2_000)],
        help_text=_("Danach gilt es in der Freigabe als überfällig. Leer: keine Frist."),
    )
    publish_after_hours = models.PositiveSmallIntegerField(
        _("ohne Entscheidung öffentlich nach Stunden"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(2_000)],
        help_text=_(
            "Nur Art, Stand und Ort, nie Fotos; nur bei „nach Freigabe“. Leer: nie von selbst."
        ),
    )
    publish_text_by_time = models.BooleanField(
        _("dann auch den Text, wenn die Textprüfung nichts findet"),
        default=False,
        db_default=False,
    )
    first_answer_hours = models.PositiveSmallIntegerField(
        _("Arbeitsstunden bis zur ersten Antwort"), default=24
    )
    completion_hours = models.PositiveSmallIntegerField(
        _("Arbeitsstunden bis zur Erledigung"), default=80
    )
    is_danger = models.BooleanField(
        _("Gefahr"),
        default=False,
        help_text=_("Frist läuft rund um die Uhr; Bereitschaft wird alarmiert."),
    )
    duplicate_radius_m = models.PositiveIntegerField(
        _("Umkreis für ähnliche Meldungen in Metern"), default=50
    )
    feedback_days = models.PositiveSmallIntegerField(
        _("Tage für „Stimmt das?“"),
        null=True,
        blank=True,
        help_text=_("Leer: wie die Kommune. 0: es wird nicht gefragt."),
    )
    sort_order = models.PositiveSmallIntegerField(_("Reihenfolge"), default=100)
    is_active = models.BooleanField(_("angeboten"), default=True)

    class Meta:
        verbose_name = _("Anliegenart")
        verbose_name_plural = _("Anliegenarten")
        constraints = [
            models.UniqueConstraint(fields=["municipality", "code"], name="category_code_unique"),
            models.CheckConstraint(
                condition=Q(public_grid_m__gte=10), name="category_grid_at_least_10_m"
            ),
            models.CheckConstraint(
                condition=~Q(publication_policy="coarse") | Q(public_grid_m__gte=250),
                name="category_coarse_means_250_m",
            ),
            models.CheckConstraint(
                condition=Q(publish_after_hours__isnull=True)
                | Q(publication_policy="after_approval"),
                name="category_timer_only_after_approval",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CategoryTranslation(models.Model):
    """Name and texts of a category in another language."""

    category = models.ForeignKey(Category, models.CASCADE, related_name="translations")
    language = models.CharField(_("Sprache"), max_length=8)
    name = models.CharField(_("Name"), max_length=100)
    description = models.CharField(_("Beschreibung"), max_length=400, blank=True, default="")
    notice = models.CharField(_("Hinweis"), max_length=400, blank=True, default="")

    class Meta:
        verbose_name = _("Übersetzung")
        verbose_name_plural = _("Übersetzungen")
        constraints = [
            models.UniqueConstraint(
                fields=["category", "language"], name="category_translation_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"


class Datatype(models.TextChoices):
    STRING = "string", _("kurzer Text")
    TEXT = "text", _("langer Text")
    NUMBER = "number", _("Zahl")
    DATE = "date", _("Datum")
    SINGLE = "single", _("eine Auswahl")
    MULTIPLE = "multiple", _("mehrere Auswahlen")


class DateRange(models.TextChoices):
    """Which dates a question takes."""

    ANY = "any", _("jedes Datum")
    PAST = "past", _("heute oder früher")
    FUTURE = "future", _("heute oder später")


class Question(models.Model):
    """An extra question of a category; how it is set up is checked by routing.question_setup.

    `options`: list of {"key", "de", "en", …, "advice_de"?, "advice_en"?, …, "danger"?: bool,
    "stop"?: bool, "anyway"?: bool}; a choice with `stop` ends the form with its advice, unless
    `anyway` lets people send all the same.
    `condition`: {} or {"question": code, "is": "equals" | "contains" | "one_of", "value": …};
    the question is asked only where it holds.
    `translations`: {"en": {"text": …, "help": …}, …}.
    """

    category = models.ForeignKey(Category, models.CASCADE, related_name="questions")
    code = models.CharField(_("Code"), max_length=60, validators=[code_format])
    order = models.PositiveSmallIntegerField(_("Reihenfolge"), default=1)
    datatype = models.CharField(_("Art"), max_length=10, choices=Datatype.choices)
    is_required = models.BooleanField(_("Pflicht"), default=False)
    is_confidential = models.BooleanField(
        _("vertraulich"), default=False, help_text=_("z. B. ein Kennzeichen; nie öffentlich")
    )
    text = models.CharField(_("Frage"), max_length=200)
    help_text = models.CharField(_("Hilfe"), max_length=300, blank=True, default="")
    options = models.JSONField(_("Auswahl"), default=list, blank=True)
    condition = models.JSONField(_("Bedingung"), default=dict, blank=True)
    minimum = models.FloatField(_("kleinste Zahl"), null=True, blank=True)
    maximum = models.FloatField(_("größte Zahl"), null=True, blank=True)
    unit = models.CharField(_("Einheit"), max_length=20, blank=True, default="")
    date_range = models.CharField(
        _("erlaubtes Datum"), max_length=6, choices=DateRange.choices, default=DateRange.ANY
    )
    length_limit = models.PositiveSmallIntegerField(
        _("höchstens Zeichen"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    translations = models.JSONField(_("Übersetzungen"), default=dict, blank=True)

    class Meta:
        verbose_name = _("Zusatzfrage")
        verbose_name_plural = _("Zusatzfragen")
        constraints = [
            models.UniqueConstraint(fields=["category", "code"], name="question_code_unique"),
            models.UniqueConstraint(
                fields=["category", "order"],
                name="question_order_unique",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]

    def __str__(self) -> str:
        return self.text


class OfficeHours(models.Model):
    """Opening hours of an office on a weekday; without any row Mon-Fri 8-16 counts."""

    office = models.ForeignKey("accounts.Office", models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField(
        _("Wochentag"), help_text=_("0 = Montag"), validators=[MaxValueValidator(6)]
    )
    opens = models.TimeField(_("von"))
    closes = models.TimeField(_("bis"))

    class Meta:
        verbose_name = _("Dienstzeit")
        verbose_name_plural = _("Dienstzeiten")
        constraints = [
            models.CheckConstraint(condition=Q(closes__gt=F("opens")), name="hours_close_later"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="hours_weekday"),
        ]

    def __str__(self) -> str:
        return f"{self.office}, {WEEKDAYS[self.weekday]}, {self.opens:%H:%M}–{self.closes:%H:%M}"


class ClosingDay(models.Model):
    """A day on which a municipality or one office does not work, besides public holidays."""

    municipality = models.ForeignKey(
        "accounts.Municipality", models.CASCADE, related_name="closing_days"
    )
    office = models.ForeignKey(
        "accounts.Office", models.CASCADE, null=True, blank=True, related_name="closing_days"
    )
    day = models.DateField(_("Tag"))
    reason = models.CharField(_("Anlass"), max_length=80, blank=True, default="")

    class Meta:
        verbose_name = _("Schließtag")
        verbose_name_plural = _("Schließtage")

    def __str__(self) -> str:
        return f"{self.day:%d.%m.%Y} {self.reason}".strip()


class OnCallShift(models.Model):
    """Who is alerted for danger cases from when until when; rank 1 first, then the deputies."""

    municipality = models.ForeignKey(
        "accounts.Municipality", models.CASCADE, related_name="on_call_shifts"
    )
    office = models.ForeignKey(
        "accounts.Office",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="on_call_shifts",
        verbose_name=_("nur für dieses Amt"),
    )
    person = models.ForeignKey(
        "accounts.User", models.CASCADE, related_name="on_call_shifts", verbose_name=_("Person")
    )
    rank = models.PositiveSmallIntegerField(_("Rang"), default=1)
    starts_at = models.DateTimeField(_("von"))
    ends_at = models.DateTimeField(_("bis"))

    class Meta:
        verbose_name = _("Bereitschaft")
        verbose_name_plural = _("Bereitschaften")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="shift_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        first, last = localtime(self.starts_at), localtime(self.ends_at)
        return f"{self.person}, {first:%d.%m.%Y %H:%M} – {last:%d.%m.%Y %H:%M}"
