"""Tables of the town's inventory: layers of lamps, trees, bins …, and each single thing in them.

Nothing personal here: who planted, sponsored or complained about a tree stays out of it.
"""

import re
from typing import Any

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

layer_code_format = RegexValidator(
    r"^[a-z0-9][a-z0-9_-]{0,39}$", gettext_lazy("Kleinbuchstaben, Ziffern, Bindestrich.")
)
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_NOT_IN_NUMBERS = re.compile(r"[\W_]+")


def number_of(words: str) -> str:
    """A number as it is compared: no blanks, strokes or capitals; `HN 47-11` is `hn4711`."""
    return _NOT_IN_NUMBERS.sub("", words).casefold()[:80]


def check_label_template(template: str) -> None:
    """Raise ValidationError for a template without any placeholder, or with braces left open."""
    rest = _PLACEHOLDER.sub("", template)
    if "{" in rest or "}" in rest or not _PLACEHOLDER.search(template):
        raise ValidationError(_("Erwartet wird z. B. „Leuchte {key}“ oder „Baum {key}, {art}“."))


class AssetLayer(models.Model):
    """One kind of thing a town looks after, as one file or register lists it (Objektebene)."""

    municipality = models.ForeignKey(
        "accounts.Municipality",
        models.PROTECT,
        related_name="asset_layers",
        verbose_name=gettext_lazy("Kommune"),
    )
    code = models.CharField(gettext_lazy("Code"), max_length=40, validators=[layer_code_format])
    name = models.CharField(gettext_lazy("Name"), max_length=80)
    one = models.CharField(
        gettext_lazy("ein einzelnes heißt"),
        max_length=60,
        help_text=gettext_lazy("z. B. Leuchte, Baum, Papierkorb; auch vor Nummern in der Suche."),
    )
    label_template = models.CharField(
        gettext_lazy("Aufschrift"),
        max_length=120,
        default="{one} {key}",
        validators=[check_label_template],
        help_text=gettext_lazy("{one}, {key} und Eigenschaften, z. B. „{one} {key}, {strasse}“."),
    )
    icon = models.CharField(gettext_lazy("Zeichen"), max_length=40, blank=True, default="pin")
    categories = models.ManyToManyField(
        "routing.Category",
        related_name="asset_layers",
        blank=True,
        verbose_name=gettext_lazy("Anliegenarten"),
        help_text=gettext_lazy("Wer eine davon meldet, bekommt Objekte in der Nähe angeboten."),
    )
    radius_m = models.PositiveSmallIntegerField(
        gettext_lazy("Umkreis in Metern"),
        default=40,
        validators=[MinValueValidator(5), MaxValueValidator(500)],
    )
    is_public = models.BooleanField(
        gettext_lazy("öffentlich"),
        default=True,
        help_text=gettext_lazy("Sonst sehen und wählen nur Mitarbeitende diese Objekte."),
    )
    public_attributes = ArrayField(
        models.CharField(max_length=60),
        verbose_name=gettext_lazy("öffentliche Eigenschaften"),
        default=list,
        blank=True,
        help_text=gettext_lazy("Mit Komma getrennt; alle anderen bleiben im Haus."),
    )
    repeat_count = models.PositiveSmallIntegerField(
        gettext_lazy("auffällig ab so vielen Fällen"),
        default=3,
        validators=[MinValueValidator(2)],
    )
    repeat_months = models.PositiveSmallIntegerField(
        gettext_lazy("in so vielen Monaten"),
        default=6,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )
    repeat_priority = models.CharField(
        gettext_lazy("Dringlichkeit dann mindestens"),
        max_length=8,
        choices=[
            ("", gettext_lazy("wie nach den Regeln")),
            ("high", gettext_lazy("hoch")),
            ("urgent", gettext_lazy("dringend")),
        ],
        blank=True,
        default="high",
        db_default="high",
    )
    is_active = models.BooleanField(gettext_lazy("angeboten"), default=True)
    source = models.CharField(gettext_lazy("Quelle"), max_length=200, blank=True, default="")
    imported_at = models.DateTimeField(gettext_lazy("zuletzt übernommen"), null=True, blank=True)

    class Meta:
        verbose_name = gettext_lazy("Objektebene")
        verbose_name_plural = gettext_lazy("Objektebenen")
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "code"], name="asset_layer_code_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def label_of(self, key: str, attributes: dict[str, str]) -> str:
        """What a thing is called; an unknown or empty property leaves no trace of its commas."""
        words = {"one": self.one, "key": key, **attributes}
        filled = _PLACEHOLDER.sub(lambda found: words.get(found[1], ""), self.label_template)
        parts = (" ".join(part.split()) for part in filled.split(","))
        return ", ".join(part for part in parts if part)[:160] or f"{self.one} {key}"[:160]


class Asset(models.Model):
    """A thing with a number of its own; what vanished from the register stays with its cases."""

    layer = models.ForeignKey(AssetLayer, models.PROTECT, related_name="assets")
    key = models.CharField(gettext_lazy("Nummer"), max_length=80)
    number = models.CharField(max_length=80, editable=False)
    label = models.CharField(gettext_lazy("Aufschrift"), max_length=160)
    place = models.PointField(gettext_lazy("Ort"), srid=4326)
    # {name: text} as the file had it
    attributes: Any = models.JSONField(gettext_lazy("Eigenschaften"), default=dict, blank=True)
    gone_since = models.DateField(
        gettext_lazy("nicht mehr verzeichnet seit"), null=True, blank=True
    )
    added_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(gettext_lazy("zuletzt geändert"), db_default=Now())

    class Meta:
        verbose_name = gettext_lazy("Objekt")
        verbose_name_plural = gettext_lazy("Objekte")
        constraints = [
            models.UniqueConstraint(fields=["layer", "key"], name="asset_key_unique"),
            models.CheckConstraint(condition=~Q(key=""), name="asset_has_key"),
        ]
        indexes = [models.Index(fields=["number", "layer"], name="asset_number")]

    def __str__(self) -> str:
        return self.label

    @property
    def reference(self) -> str:
        """How forms, addresses and partner systems name it: layer and key."""
        return f"{self.layer.code}:{self.key}"
