"""The gazetteer of a town: streets and named places, house numbers, and where they came from.

Public geography only: nothing here says who looked for what.
"""

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GistIndex
from django.utils.translation import gettext_lazy as _

from accounts.models import Municipality


class Source(models.Model):
    """A file or service a town's places were taken from, with the version that is in force."""

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="+")
    key = models.CharField(_("Schlüssel"), max_length=80)
    attribution = models.CharField(_("Quellenangabe"), max_length=200, blank=True, default="")
    version = models.PositiveIntegerField(_("Fassung"), default=0)
    imported_at = models.DateTimeField(_("übernommen am"), null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "key"], name="one_source_per_key"),
        ]

    def __str__(self) -> str:
        return self.key


class PlaceKind(models.TextChoices):
    """What a name stands for."""

    STREET = "street", _("Straße")
    SQUARE = "square", _("Platz")
    PARK = "park", _("Park")
    PLAYGROUND = "playground", _("Spielplatz")
    SCHOOL = "school", _("Schule")
    BRIDGE = "bridge", _("Brücke")
    STOP = "stop", _("Haltestelle")
    WATER = "water", _("Gewässer")
    CEMETERY = "cemetery", _("Friedhof")
    SPORTS = "sports", _("Sportstätte")
    BUILDING = "building", _("Gebäude")
    OTHER = "other", _("Ort")


class Place(models.Model):
    """A street or another place with a name.

    `key` stays the same from import to import: the folded name, for a name that occurs twice also
    the part of town. `point` (WGS84) may be missing: such a name is found, and leads nowhere.
    `radius_m` is how far the named thing reaches from its point; `is_approximate` says that the
    point was derived from something else.
    """

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="+")
    source = models.ForeignKey(Source, models.CASCADE, related_name="+")
    version = models.PositiveIntegerField(_("Fassung der Quelle"))
    kind = models.CharField(_("Art"), max_length=12, choices=PlaceKind.choices)
    key = models.CharField(_("Schlüssel"), max_length=200)
    name = models.CharField(_("Name"), max_length=120)
    part = models.CharField(_("Ortsteil"), max_length=80, blank=True, default="")
    folded = models.CharField(_("Suchform"), max_length=160)
    point = models.PointField(_("Punkt"), srid=4326, null=True)
    shape = models.GeometryField(_("Verlauf der Linie"), srid=4326, null=True)
    radius_m = models.FloatField(_("Ausdehnung in Metern"), null=True)
    is_approximate = models.BooleanField(_("ungefähr"), default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "key"], name="one_place_per_key"),
        ]
        indexes = [
            # Nearest by trigrams within a town; btree_gist carries the number of the town.
            GistIndex(
                fields=["municipality", "folded"],
                opclasses=["gist_int8_ops", "gist_trgm_ops"],
                name="place_by_folded_name",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class HouseNumber(models.Model):
    """A house number of a street, with the point of its building or entrance (WGS84).

    `suffix` is what follows the number, folded: `a`, `/1`, `-14`.
    """

    street = models.ForeignKey(Place, models.CASCADE, related_name="house_numbers")
    source = models.ForeignKey(Source, models.CASCADE, related_name="+")
    version = models.PositiveIntegerField(_("Fassung der Quelle"))
    number = models.PositiveIntegerField(_("Hausnummer"))
    suffix = models.CharField(_("Zusatz"), max_length=12, blank=True, default="")
    postcode = models.CharField(_("Postleitzahl"), max_length=5, blank=True, default="")
    point = models.PointField(_("Punkt"), srid=4326)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["street", "number", "suffix"], name="one_house_number_per_street"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}{self.suffix}"


class GeocoderAnswer(models.Model):
    """What a geocoder of others answered, so that it is not asked again for a while.

    The question is stored as a keyed hash and the time as a day: nothing leads back to whoever
    asked, nor to what was typed.
    """

    question_hash = models.CharField(max_length=64, primary_key=True)
    places = models.JSONField(default=list)
    asked_on = models.DateField(db_index=True)
