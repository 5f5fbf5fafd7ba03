"""Tables of forgetting: deletion classes (Löschklassen), nightly runs, and the proof of each.

A class says how long the parts of a case are kept after it has ended. A category belongs to one
class, or to the town's standard class; a town without any has the shipped defaults below. The
proof holds no content: a keyed hash of the case's number, and which part went when. It can be
appended to and read, never changed; the database refuses the rest.
"""

from typing import TYPE_CHECKING, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

LONGEST_DAYS = 36_500
_DAYS = [MinValueValidator(1), MaxValueValidator(LONGEST_DAYS)]


class Part(models.TextChoices):
    """What of a case is forgotten in one step; in the order of a usual life."""

    SUPPORTS = "supports", _("Mitbetroffene")
    CONTACT = "contact", _("Kontaktdaten")
    DEVICES = "devices", _("Geräte für Mitteilungen")
    WORDS = "words", _("Nachträge der meldenden Person")
    ORIGINALS = "originals", _("Originalfotos")
    PUBLIC = "public", _("öffentlicher Text und öffentliche Fotos")
    SPAM = "spam", _("Spam")
    CASE = "case", _("Vorgang bis auf die anonyme Zeile")


def _days(label: "StrPromise", default: int, *, help_text: "StrPromise") -> models.IntegerField:  # type: ignore[type-arg]
    return models.PositiveIntegerField(
        label, default=default, db_default=default, validators=_DAYS, help_text=help_text
    )


class DeletionClass(models.Model):
    """How long the parts of a case are kept after its end, in days, and what comes before."""

    municipality = models.ForeignKey(
        "accounts.Municipality", models.CASCADE, related_name="+", verbose_name=_("Kommune")
    )
    name = models.CharField(_("Name"), max_length=80)
    is_standard = models.BooleanField(
        _("Standardklasse"),
        default=False,
        help_text=_("Gilt für alle Anliegenarten, die keiner anderen Klasse zugeordnet sind."),
    )
    supporter_days = _days(
        _("Mitbetroffene"),
        30,
        help_text=_("Tage nach Abschluss: Adressen von Mitbetroffenen gehen, die Zahl bleibt."),
    )
    contact_days = _days(
        _("Kontaktdaten"),
        90,
        help_text=_("Tage nach Abschluss: Name, Adressen, Telefon, Geräte, Empfänger der Mails."),
    )
    words_days = _days(
        _("Nachträge"),
        180,
        help_text=_("Tage nach Abschluss: was die meldende Person später schrieb."),
    )
    original_days = _days(
        _("Originalfotos"),
        180,
        help_text=_("Tage nach Abschluss: das Original mit allem, was die Kamera hineinschrieb."),
    )
    public_days = _days(
        _("öffentlicher Text, öffentliche Fotos"),
        365,
        help_text=_("Tage nach Abschluss: dann zeigt die Karte nur noch Art, Ort und Stand."),
    )
    spam_days = _days(
        _("Spam"), 30, help_text=_("Tage nach der Entscheidung: alles bis auf die leere Zeile.")
    )
    case_days = _days(
        _("Vorgang"),
        730,
        help_text=_(
            "Tage nach Abschluss: Text, Antworten, Notizen, Fotos und Vorgangsnummer gehen. "
            "Es bleibt eine anonyme Zeile: Art, Amt, grober Ort, Monat."
        ),
    )
    coarse_m = models.PositiveIntegerField(
        _("Raster der anonymen Zeile in Metern"),
        default=500,
        db_default=500,
        validators=[MinValueValidator(100), MaxValueValidator(10_000)],
    )
    file_at_closing = models.BooleanField(
        _("beim Abschluss an die eAkte übergeben"), default=False, db_default=False
    )
    file_with_contact = models.BooleanField(
        _("mit den Daten der meldenden Person"), default=False, db_default=False
    )
    needs_filing = models.BooleanField(
        _("erst löschen, wenn die eAkte bestätigt hat"), default=False, db_default=False
    )
    offer_to_archive = models.BooleanField(
        _("vor dem Löschen dem Archiv anbieten"), default=False, db_default=False
    )

    class Meta:
        verbose_name = _("Löschklasse")
        verbose_name_plural = _("Löschklassen")
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "name"], name="deletion_class_name_unique"
            ),
            models.UniqueConstraint(
                fields=["municipality"],
                condition=Q(is_standard=True),
                name="deletion_class_one_standard",
            ),
            models.CheckConstraint(
                condition=Q(offer_to_archive=False) | Q(needs_filing=True),
                name="deletion_class_archive_needs_file",
            ),
        ]

    def __str__(self) -> str:
        return self.name


DAYS_OF: dict[Part, str] = {
    Part.SUPPORTS: "supporter_days",
    Part.CONTACT: "contact_days",
    Part.DEVICES: "contact_days",
    Part.WORDS: "words_days",
    Part.ORIGINALS: "original_days",
    Part.PUBLIC: "public_days",
    Part.SPAM: "spam_days",
    Part.CASE: "case_days",
}


class ClassOfCategory(models.Model):
    """Which class a category belongs to, where it is not the standard one."""

    category = models.OneToOneField(
        "routing.Category",
        models.CASCADE,
        primary_key=True,
        related_name="+",
        verbose_name=_("Anliegenart"),
    )
    deletion_class = models.ForeignKey(
        DeletionClass, models.CASCADE, related_name="categories", verbose_name=_("Löschklasse")
    )

    class Meta:
        verbose_name = _("zugeordnete Anliegenart")
        verbose_name_plural = _("zugeordnete Anliegenarten")

    def __str__(self) -> str:
        return str(self.category)


class RetentionRun(models.Model):
    """One night's run; without an end it was stopped, and the next one went on."""

    started_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)


class DeletionProof(models.Model):
    """That one part of one case was deleted, when and why; append-only, without content."""

    class Cause(models.TextChoices):
        TIME = "time", _("Frist")
        REQUEST = "request", _("Antrag der Person")
        REPLAY = "replay", _("erneut nach Wiederherstellung")

    run = models.ForeignKey(
        RetentionRun, models.PROTECT, null=True, blank=True, related_name="proofs"
    )
    municipality = models.ForeignKey("accounts.Municipality", models.PROTECT, related_name="+")
    part = models.CharField(max_length=10, choices=Part.choices)
    class_name = models.CharField(max_length=80, blank=True, default="")
    case_hash = models.CharField(max_length=64)
    cause = models.CharField(max_length=8, choices=Cause.choices)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "-at"], name="deletion_proof_newest")
        ]
