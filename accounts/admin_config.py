"""Replaces Django's administration by the one that asks for role and second factor.

A module of its own, because an app may have only one default configuration.
"""

from django.conf import settings
from django.contrib.admin.apps import AdminConfig


class DeskAdminConfig(AdminConfig):
    """`django.contrib.admin` with DeskAdminSite as `admin.site`."""

    default_site = "accounts.admin_site.DeskAdminSite"

    def ready(self) -> None:
        """Look for what is administered, but for the public reader, which administers nothing."""
        if not settings.READER:
            super().ready()
