"""Apps and partner systems that report, each with a token of its own."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class RateClass(models.TextChoices):
    """How many reports an hour a client may send (settings.RATE_CLASSES)."""

    STANDARD = "standard", _("üblich")
    TRUSTED = "trusted", _("erhöht")
    BULK = "bulk", _("Massenübernahme")


class ApiClient(models.Model):
    """An app or partner system with a token of its own; only the token's hash is kept."""

    municipality = models.ForeignKey(
        "accounts.Municipality",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="api_clients",
        verbose_name=_("Kommune"),
        help_text=_("leer: für alle Kommunen"),
    )
    name = models.CharField(_("Name"), max_length=80)
    contact_email = models.EmailField(_("Ansprechperson"), blank=True, default="")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    rate_class = models.CharField(
        _("Mengenklasse"), max_length=12, choices=RateClass.choices, default=RateClass.STANDARD
    )
    is_active = models.BooleanField(_("aktiv"), default=True)
    is_test_only = models.BooleanField(
        _("nur zum Ausprobieren"),
        default=False,
        help_text=_("Gilt nur am Open311-Testendpunkt; von dort erreicht nichts ein Amt."),
    )
    may_post_requests = models.BooleanField(_("darf Meldungen senden"), default=True)
    may_post_updates = models.BooleanField(
        _("darf Nachrichten zu Vorgängen senden"),
        default=False,
        help_text=_("Open311: zu den eigenen Meldungen und zu Vorgängen des Amtes unten."),
    )
    may_post_bulk = models.BooleanField(_("darf viele Meldungen auf einmal senden"), default=False)
    may_explain_routing = models.BooleanField(
        _("darf Zuständigkeiten erklären lassen"),
        default=False,
        db_default=False,
        help_text=_("Für eigene Werkzeuge: Amt, Fristen und Gründe für einen gedachten Fall."),
    )
    acts_as = models.ForeignKey(
        "accounts.User",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("bearbeitet Vorgänge als"),
        help_text=_(
            "Person mit der Rolle Sachbearbeitung: In ihrem Namen und mit ihren Rechten ändert "
            "das Partnersystem den Stand von Vorgängen. Leer: Es ändert keinen Stand."
        ),
    )
    media_hosts = models.CharField(
        _("Rechner, von denen Fotos geholt werden"),
        max_length=400,
        blank=True,
        default="",
        help_text=_("Mit Komma getrennt. Nur von dort wird eine media_url abgerufen."),
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("API-Zugang")
        verbose_name_plural = _("API-Zugänge")

    def __str__(self) -> str:
        return self.name
