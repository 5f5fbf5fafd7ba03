"""Files of areas and things between looking at what an import would do and doing it."""

from django.db import models
from django.db.models.functions import Now


class LayerUpload(models.Model):
    """A file somebody has uploaded to look at; gone once it is imported, or after a day."""

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="+")
    municipality = models.ForeignKey("accounts.Municipality", models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)
    content = models.BinaryField()
    uploaded_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["uploaded_at"], name="layer_upload_age")]
