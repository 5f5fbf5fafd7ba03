from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PublicWebConfig(AppConfig):
    name = "public_web"
    verbose_name = _("Öffentliche Seiten")
