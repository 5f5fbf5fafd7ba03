"""Addresses of this door."""

from django.urls import URLPattern

app_name = "staff_desk"
urlpatterns: list[URLPattern] = []
