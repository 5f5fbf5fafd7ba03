"""What a town says before a report is sent, for a time, an area or some hours, and its pauses."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class NoticeEffect(models.TextChoices):
    """What a notice does to its category while it counts."""

    SHOW = "show", _("Hinweis zeigen")
    PAUSE = "pause", _("nicht anbieten")


class NoticeHours(models.TextChoices):
    """At which hours of the responsible office a notice counts."""

    ALWAYS = "always", _("immer")
    CLOSED = "closed", _("nur außerhalb der Dienstzeit")
    OPEN = "open", _("nur während der Dienstzeit")


class CategoryNotice(models.Model):
    """A dated or seasonal notice, or a time in which a category is not offered.

    Without category it counts for all of them, without area in the whole town. `is_yearly` takes
    day and month of the two dates and leaves the year (felling season, winter service).
    """

    municipality = models.ForeignKey(
        "accounts.Municipality",
        models.CASCADE,
        related_name="category_notices",
        verbose_name=_("Kommune"),
    )
    category = models.ForeignKey(
        "routing.Category",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="notices",
        verbose_name=_("Anliegenart oder Gruppe"),
        help_text=_("Leer: alle Anliegenarten."),
    )
    area = models.ForeignKey(
        "routing.Area",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="notices",
        verbose_name=_("Gebiet"),
        help_text=_("Leer: ganzes Stadtgebiet."),
    )
    effect = models.CharField(
        _("Wirkung"), max_length=8, choices=NoticeEffect.choices, default=NoticeEffect.SHOW
    )
    valid_from = models.DateField(_("von"), null=True, blank=True)
    valid_to = models.DateField(_("bis"), null=True, blank=True)
    is_yearly = models.BooleanField(
        _("jedes Jahr"), default=False, help_text=_("Nur Tag und Monat zählen.")
    )
    hours = models.CharField(
        _("Uhrzeit"), max_length=8, choices=NoticeHours.choices, default=NoticeHours.ALWAYS
    )
    text = models.CharField(_("Text"), max_length=400)
    translations = models.JSONField(_("Übersetzungen"), default=dict, blank=True)
    contact = models.CharField(
        _("Wohin sich Bürger wenden können"), max_length=120, blank=True, default=""
    )
    phone = models.CharField(_("Rufnummer"), max_length=40, blank=True, default="")
    url = models.URLField(_("Internetseite"), blank=True, default="")
    is_active = models.BooleanField(_("in Kraft"), default=True)

    class Meta:
        verbose_name = _("Hinweis oder Pause")
        verbose_name_plural = _("Hinweise und Pausen")
        constraints = [
            models.CheckConstraint(
                condition=Q(is_yearly=False) | Q(valid_from__isnull=False, valid_to__isnull=False),
                name="notice_yearly_has_dates",
            ),
            models.CheckConstraint(
                condition=Q(is_yearly=True)
                | Q(valid_from__isnull=True)
                | Q(valid_to__isnull=True)
                | Q(valid_to__gte=F("valid_from")),
                name="notice_valid_range",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]
