from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StaffDeskConfig(AppConfig):
    name = "staff_desk"
    verbose_name = _("Schreibtisch")
