"""Addresses of the installation; a town's own pages are in town_urls.py."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from backend import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("healthz/effects", health.effects),
    path("admin/", admin.site.urls),
    path("api/v1/", include("mobile_api.urls")),
    path("desk/", include("staff_desk.urls")),
    path("open311/", include("open311.urls")),
    path("opendata/", include("opendata.urls")),
    path("", include("public_web.installation_urls")),
]

handler400 = "backend.outage.bad_request"
handler403 = "backend.outage.forbidden"
handler404 = "backend.outage.not_found"
handler500 = "backend.outage.server_error"
