"""Sends the read-only models of the published views to the public reader's connection."""

from typing import Any

from django.db import models

VIEWS = frozenset(
    {
        "reports",
        "photos",
        "municipalities",
        "areas",
        "categories",
        "updates",
        "attributes",
        "statistics",
        "services",
    }
)


class PublishedViewsRouter:
    """Views of open_data are read through `public`; nothing is ever written or migrated there."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str | None:
        """Name the connection for a model, or None for the default."""
        return "public" if not model._meta.managed and model._meta.db_table in VIEWS else None

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        """Migrate through the default connection only."""
        return db == "default"
