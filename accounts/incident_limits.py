"""From how many like reports on a town is offered an incident. Found through models.py."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class IncidentLimits(models.Model):
    """Abstract: so many reports within so many minutes and metres are proposed as one incident."""

    incident_reports = models.PositiveSmallIntegerField(
        _("gleiche Meldungen, ab denen ein Ereignis vorgeschlagen wird"),
        default=8,
        db_default=8,
        help_text=_("0: nie"),
    )
    incident_minutes = models.PositiveSmallIntegerField(
        _("… innerhalb von so vielen Minuten"), default=60, db_default=60
    )
    incident_cell_m = models.PositiveIntegerField(
        _("… und so vielen Metern"), default=1000, db_default=1000
    )

    class Meta:
        abstract = True
