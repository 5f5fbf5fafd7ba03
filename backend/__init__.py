"""Wires the parts: settings, addresses, Celery. Imported by nobody."""

from backend.celery import app as celery_app

__all__ = ["celery_app"]
