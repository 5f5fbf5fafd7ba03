"""Public places to be looked at again: parcels, or what is made of them, have changed."""

from django.contrib.gis.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class GroundCheck(models.Model):
    """One piece of ground (a parcel as it was or is), or without geometry a whole town or category.

    Written by the database itself, whoever changes areas, categories or towns (migration 0010);
    removed by reports/actions/recheck_ground.py when every case on it was looked at. `after` is
    the last report (id) that was.
    """

    municipality_id = models.BigIntegerField(_("Kommune"), editable=False)
    category_id = models.BigIntegerField(_("Anliegenart"), null=True, editable=False)
    geometry = models.MultiPolygonField(
        _("Fläche"), srid=4326, null=True, editable=False, spatial_index=False
    )
    after = models.BigIntegerField(_("geprüft bis"), default=0, db_default=0, editable=False)
    created_at = models.DateTimeField(_("angelegt"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("Prüfung öffentlicher Orte")
        verbose_name_plural = _("Prüfungen öffentlicher Orte")

    def __str__(self) -> str:
        return f"{self.municipality_id}/{self.category_id or '*'} > {self.after}"
