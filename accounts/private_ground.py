"""What becomes of a report's place on a private parcel before it is public: a town's own choice."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PrivateGround(models.TextChoices):
    """The ways there are; only a category may say that parcels do not matter."""

    HOLD = "hold", _("wartet auf Freigabe")
    SNAP = "snap", _("rückt an die nächste Straße")
    IGNORE = "ignore", _("bleibt unbeachtet")


FOR_TOWNS = [(way.value, way.label) for way in (PrivateGround.HOLD, PrivateGround.SNAP)]
GROUND_WAYS = _(
    "Gilt für Orte auf Flurstücken, die in den Gebieten als „privat“ stehen; wo keine stehen, "
    "wirkt es nicht. „wartet auf Freigabe“: nichts ist öffentlich, bis jemand entscheidet. „rückt "
    "an die nächste Straße“: öffentlich wie sonst, aber mit einem Ort außerhalb des Flurstücks."
)
