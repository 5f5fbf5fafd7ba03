"""Fleets of devices, what is to be watched for, and how each device stands."""

from django.contrib.gis.db import models
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class PayloadFormat(models.TextChoices):
    CHIRPSTACK = "chirpstack", _("ChirpStack (v3 und v4, JSON)")
    TTN = "ttn", _("The Things Stack (v3)")
    PLAIN = "plain", _("einfaches JSON")


class Fleet(models.Model):
    """Devices that report by one network server; its key signs what is sent."""

    municipality = models.ForeignKey("accounts.Municipality", models.PROTECT, related_name="+")
    name = models.CharField(_("Bezeichnung"), max_length=80)
    payload_format = models.CharField(
        _("Format"), max_length=10, choices=PayloadFormat.choices, default=PayloadFormat.CHIRPSTACK
    )
    key_version = models.PositiveSmallIntegerField(default=1)
    is_active = models.BooleanField(_("aktiv"), default=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("Geräteflotte")
        verbose_name_plural = _("Geräteflotten")
        constraints = [
            models.UniqueConstraint(fields=["municipality", "name"], name="fleet_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class Watch(models.Model):
    """From which value on a case is opened, and from which it may be closed again.

    `opens_at` and `closes_at` lie apart, so that a value that swings around one of them does
    nothing. Where `opens_at` is the higher one, high values call for somebody, else low ones.
    """

    fleet = models.ForeignKey(Fleet, models.CASCADE, related_name="watches")
    name = models.CharField(
        _("Bezeichnung"), max_length=80, help_text=_("So heißt der Anlass im Vorgang.")
    )
    measurement = models.CharField(
        _("Messwert"),
        max_length=80,
        validators=[RegexValidator(r"^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*$")],
        help_text=_("Name im dekodierten Datensatz, z. B. fill_level oder messung.fuellstand."),
    )
    unit = models.CharField(_("Einheit"), max_length=12, blank=True, default="")
    opens_at = models.FloatField(_("Vorgang ab"))
    closes_at = models.FloatField(_("erledigt bei"))
    readings_needed = models.PositiveSmallIntegerField(
        _("Messungen in Folge"), default=2, validators=[MinValueValidator(1), MaxValueValidator(50)]
    )
    rest_hours = models.PositiveSmallIntegerField(
        _("Ruhezeit in Stunden"),
        default=12,
        help_text=_("So lange nach dem Ende eines Vorgangs wird kein neuer eröffnet."),
        validators=[MaxValueValidator(24 * 30)],
    )
    category_code = models.CharField(_("Anliegenart"), max_length=80)
    closes_itself = models.BooleanField(_("Vorgang selbst schließen"), default=True)
    is_active = models.BooleanField(_("aktiv"), default=True)

    class Meta:
        verbose_name = _("Schwelle")
        verbose_name_plural = _("Schwellen")
        constraints = [
            models.CheckConstraint(
                condition=~Q(opens_at=F("closes_at")), name="watch_thresholds_lie_apart"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Device(models.Model):
    """One sensor. Devices nobody has entered yet are listed by themselves, and open no case."""

    fleet = models.ForeignKey(Fleet, models.CASCADE, related_name="devices")
    eui = models.CharField(
        _("Gerätekennung (DevEUI)"),
        max_length=32,
        validators=[RegexValidator(r"^[0-9A-Za-z_-]{4,32}$")],
    )
    name = models.CharField(_("Bezeichnung"), max_length=120, blank=True, default="")
    place = models.PointField(_("Ort"), srid=4326, null=True, blank=True)
    address = models.CharField(_("Adresse"), max_length=200, blank=True, default="")
    is_active = models.BooleanField(_("aktiv"), default=False)
    last_seen_at = models.DateTimeField(_("zuletzt gehört"), null=True, blank=True)
    last_values = models.JSONField(_("letzte Werte"), default=dict, blank=True)
    silent_after_hours = models.PositiveSmallIntegerField(
        _("gilt als stumm nach Stunden"), default=48, validators=[MinValueValidator(1)]
    )

    class Meta:
        verbose_name = _("Gerät")
        verbose_name_plural = _("Geräte")
        constraints = [
            models.UniqueConstraint(fields=["fleet", "eui"], name="device_eui_unique"),
            models.CheckConstraint(
                condition=Q(is_active=False) | Q(place__isnull=False),
                name="device_active_has_place",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.eui


class Standing(models.Model):
    """How one device stands with one threshold: quiet, rising, or with a case."""

    device = models.ForeignKey(Device, models.CASCADE, related_name="standings")
    watch = models.ForeignKey(Watch, models.CASCADE, related_name="standings")
    over_in_a_row = models.PositiveSmallIntegerField(default=0)
    episode = models.PositiveIntegerField(default=0)
    is_open = models.BooleanField(default=False)
    case_number = models.CharField(max_length=24, blank=True, default="")
    ended_at = models.DateTimeField(null=True, blank=True)
    last_value = models.FloatField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["device", "watch"], name="standing_unique"),
        ]


class Reading(models.Model):
    """That a message was taken, so that the same one again does nothing; kept for some days."""

    device = models.ForeignKey(Device, models.CASCADE, related_name="+")
    message_key = models.CharField(max_length=64)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["device", "message_key"], name="reading_taken_once"),
        ]
        indexes = [models.Index(fields=["at"], name="reading_by_time")]
