"""Pages of the installation as a whole."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
