"""What the test endpoint keeps: codes and a rounded place, nothing a person wrote."""

from django.contrib.gis.db import models
from django.db.models.functions import Now


class TestRequest(models.Model):
    """A request that was sent for trying out. No office ever sees it; a week later it is gone."""

    __test__ = False  # a model, whatever pytest thinks of its name

    municipality = models.ForeignKey("accounts.Municipality", models.CASCADE, related_name="+")
    client = models.ForeignKey("accounts.ApiClient", models.CASCADE, related_name="+")
    content_key = models.CharField(max_length=64)
    category_code = models.CharField(max_length=60)
    category_name = models.CharField(max_length=100)
    place = models.PointField(srid=4326)
    status = models.CharField(max_length=40, default="OPEN")
    sent_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "Testmeldung"
        constraints = [
            models.UniqueConstraint(
                fields=["client", "content_key"], name="test_request_once_per_client"
            ),
        ]
        indexes = [models.Index(fields=["municipality", "-sent_at"], name="test_request_newest")]

    @property
    def number(self) -> str:
        """What stands for the receipt number; no real number looks like it."""
        return f"TEST-{self.pk:06d}"
