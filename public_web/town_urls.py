"""Pages of one town."""

from django.urls import URLPattern

app_name = "public_web"
urlpatterns: list[URLPattern] = []
