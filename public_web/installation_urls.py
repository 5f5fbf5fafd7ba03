"""Pages of the installation as a whole."""

from django.urls import include, path

from public_web.views import pages

urlpatterns = [
    path("", pages.installation, name="installation"),
    path("i18n/", include("django.conf.urls.i18n")),
]
