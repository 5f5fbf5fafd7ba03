from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "notifications"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Nachrichten")

    def ready(self) -> None:
        """Register the checks; their modules need the models loaded."""
        from notifications.checks import check_lease, check_texts  # noqa: PLC0415

        checks.register(check_lease)
        checks.register(check_texts)
