from django.apps import AppConfig
from django.core.checks import register
from django.utils.translation import gettext_lazy as _

from reports.checks import check_detectors, check_heic


class ReportsConfig(AppConfig):
    name = "reports"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Meldungen")

    def ready(self) -> None:
        """Have the settings for photos checked with everything else."""
        register(check_heic, "photos")
        register(check_detectors, "photos")
