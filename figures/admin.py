"""Administration: what a town publishes of its figures."""

from django.contrib import admin

from accounts.scoped_admin import ScopedAdmin
from figures.models import StatisticsChoice


@admin.register(StatisticsChoice)
class StatisticsChoiceAdmin(ScopedAdmin):
    """One row a town; without it nothing is published. Changes show within the hour."""

    list_display = ["municipality", "is_published", "minimum"]
