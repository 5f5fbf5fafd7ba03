"""Addresses of one town's public pages, below its path prefix or on its own host."""

from django.urls import include, path

from backend.urls import handler400, handler403, handler404, handler500
from backend.urls import urlpatterns as installation

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

# The installation's addresses follow: a town's own host offers them too, and links to the desk or
# the API resolve from every page of a town. Below a prefix their first words are reserved.
urlpatterns = [path("", include("public_web.town_urls")), *installation]
