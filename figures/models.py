"""What a town publishes of its figures, and management reports with the facts they stand on."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from leases.models import Lane, LeasedRow


class StatisticsChoice(models.Model):
    """Which figures a town shows the public. Without a row it shows none."""

    municipality = models.OneToOneField(
        "accounts.Municipality",
        models.CASCADE,
        primary_key=True,
        related_name="+",
        verbose_name=_("Kommune"),
    )
    is_published = models.BooleanField(_("Statistik veröffentlichen"), default=False)
    by_category = models.BooleanField(_("nach Anliegenart"), default=True)
    by_district = models.BooleanField(_("nach Stadtteil"), default=True)
    by_office = models.BooleanField(
        _("nach Amt"), default=False, help_text=_("Zahlen über Ämter sind sonst nur intern.")
    )
    with_times = models.BooleanField(_("mit Zeiten und Fristen"), default=True)
    with_satisfaction = models.BooleanField(_("mit Zufriedenheit"), default=False)
    with_map = models.BooleanField(_("mit Karte der Häufigkeit"), default=True)
    minimum = models.PositiveSmallIntegerField(
        _("kleinste Zahl, die gezeigt wird"),
        default=5,
        validators=[MinValueValidator(5), MaxValueValidator(100)],
        help_text=_("Kleinere Zahlen werden verborgen, dazu so viele andere wie nötig."),
    )
    grid_m = models.PositiveSmallIntegerField(
        _("Raster der Karte in Metern"),
        default=500,
        validators=[MinValueValidator(250), MaxValueValidator(5000)],
    )
    method_note = models.TextField(
        _("eigener Hinweis zur Methode"), blank=True, default="", max_length=1000
    )

    class Meta:
        verbose_name = _("öffentliche Statistik")
        verbose_name_plural = _("öffentliche Statistik")
        constraints = [
            models.CheckConstraint(
                condition=Q(minimum__range=(5, 100)), name="statistics_minimum_at_least_5"
            ),
            models.CheckConstraint(
                condition=Q(grid_m__range=(250, 5000)), name="statistics_grid_at_least_250_m"
            ),
        ]

    def __str__(self) -> str:
        return str(self.municipality)


class PublishedStatistics(models.Model):
    """The figures of a town as the public may read them: chosen, complete months, suppressed."""

    municipality_slug = models.CharField(max_length=40, primary_key=True)
    content = models.JSONField()
    etag = models.CharField(max_length=64)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "published_statistics"


class PublicStatistics(models.Model):
    """Row of open_data.statistics, read through the connection `public`."""

    municipality_slug = models.CharField(max_length=40, primary_key=True)
    content = models.JSONField()
    etag = models.CharField(max_length=64)
    changed_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "statistics"


class ManagementReport(LeasedRow):
    """Figures of a period for council and management, frozen at a cut-off.

    As a LeasedRow it says how far the making of it is; `standing` says what it is worth. Once
    released, the database lets nobody change it.
    """

    class Standing(models.TextChoices):
        DRAFT = "draft", _("Entwurf")
        RELEASED = "released", _("freigegeben")

    municipality = models.ForeignKey("accounts.Municipality", models.PROTECT, related_name="+")
    office = models.ForeignKey(
        "accounts.Office", models.PROTECT, null=True, blank=True, related_name="+"
    )
    first = models.DateField()
    last = models.DateField()
    edition = models.PositiveSmallIntegerField(default=1)
    standing = models.CharField(max_length=8, choices=Standing.choices, default=Standing.DRAFT)
    requested_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    cut_off = models.DateTimeField(null=True, blank=True)
    basis_version = models.PositiveSmallIntegerField(default=0)
    basis_count = models.PositiveIntegerField(null=True, blank=True)
    basis_sha256 = models.CharField(max_length=64, blank=True, default="")
    # {section: values}, filled one by one; the report is whole when all are there.
    figures = models.JSONField(default=dict)
    figures_sha256 = models.CharField(max_length=64, blank=True, default="")
    summary = models.TextField(_("Zusammenfassung"), blank=True, default="", max_length=5000)
    comment = models.TextField(_("Anmerkungen"), blank=True, default="", max_length=5000)
    outlook = models.TextField(_("Ausblick"), blank=True, default="", max_length=5000)
    released_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    released_at = models.DateTimeField(null=True, blank=True)
    pdf = models.BinaryField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "office", "first", "last", "edition"],
                name="management_report_once",
                nulls_distinct=False,
            ),
            models.UniqueConstraint(
                fields=["municipality", "office", "first", "last"],
                condition=Q(standing="draft"),
                name="management_report_one_draft",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(last__gte=F("first")), name="management_report_period"
            ),
            models.CheckConstraint(
                condition=Q(standing="draft", released_by__isnull=True, released_at__isnull=True)
                | Q(
                    standing="released",
                    released_by__isnull=False,
                    released_at__isnull=False,
                    state="done",
                ),
                name="management_report_released_by_somebody",
            ),
        ]
        indexes = [
            models.Index(
                fields=["lane", "next_at", "id"],
                condition=Q(state__in=["pending", "leased", "uncertain"]),
                name="management_report_due",
            ),
        ]

    @property
    def is_released(self) -> bool:
        return self.standing == self.Standing.RELEASED

    def save(self, *args: object, **kwargs: object) -> None:
        """Reports are made by the lane for bulk work."""
        self.lane = self.lane or Lane.BULK
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class FrozenCase(models.Model):
    """The facts of one case as a report counted them; nothing leads back to the case.

    The columns are basis.COLUMNS: codes, names of offices and kinds, days and minutes.
    """

    report = models.ForeignKey(ManagementReport, models.CASCADE, related_name="cases")
    received_day = models.DateField()
    first_answer_day = models.DateField(null=True)
    first_answer_minutes = models.IntegerField(null=True)
    first_answer_kept = models.BooleanField(null=True)
    closed_day = models.DateField(null=True)
    completion_minutes = models.IntegerField(null=True)
    completion_kept = models.BooleanField(null=True)
    is_overdue = models.BooleanField()
    group_code = models.CharField(max_length=60)
    group_name = models.CharField(max_length=100)
    category_code = models.CharField(max_length=60)
    category_name = models.CharField(max_length=100)
    office_key = models.CharField(max_length=40, blank=True)
    office_name = models.CharField(max_length=140, blank=True)
    district_key = models.CharField(max_length=80, blank=True)
    district_name = models.CharField(max_length=120, blank=True)
    source = models.CharField(max_length=10)
    is_duplicate = models.BooleanField()
    reopened = models.PositiveSmallIntegerField()
    handovers = models.PositiveSmallIntegerField()
    returns = models.PositiveSmallIntegerField()
    handover_minutes = models.IntegerField(null=True)
    is_fixed = models.BooleanField(null=True)
    satisfaction = models.PositiveSmallIntegerField(null=True)
    is_imported = models.BooleanField()
