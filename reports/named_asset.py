"""Which things of the inventory a report is about. Found through models.py.

The link outlives the register: a thing that vanished there is still what the case was about.
"""

from django.db import models
from django.db.models.functions import Now


class NamedAsset(models.Model):
    """A thing a report names; chosen by whoever reported, or by staff."""

    report = models.ForeignKey("reports.Report", models.CASCADE, related_name="named_assets")
    asset = models.ForeignKey("routing.Asset", models.PROTECT, related_name="+")
    named_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "asset"], name="named_asset_once"),
        ]
