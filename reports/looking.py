"""Who has a case open for approval right now, so that two people rarely take up the same one.

A courtesy and no lock: what counts is the version of the case. Found through models.py.
"""

from django.db import models
from django.db.models.functions import Now


class Looking(models.Model):
    """Somebody has opened a case in the approval; rows are forgotten within a day."""

    report = models.ForeignKey("reports.Report", models.CASCADE, related_name="+")
    person = models.ForeignKey("accounts.User", models.CASCADE, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "person"], name="looking_once"),
        ]
        indexes = [models.Index(fields=["at"], name="looking_at")]
