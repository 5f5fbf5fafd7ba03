from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LeakcheckConfig(AppConfig):
    name = "leakcheck"
    verbose_name = _("Leckprüfung")
