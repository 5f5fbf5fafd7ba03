"""Addresses of the installation as a whole, outside of any town."""

from django.urls import include, path

from public_web.views import pages, site_files, sitemap

urlpatterns = [
    path("", pages.installation, name="installation"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("robots.txt", site_files.robots, name="robots"),
    path("sitemap.xml", sitemap.sitemap_index, name="sitemap_index"),
    path("favicon.ico", site_files.favicon, name="favicon"),
    path("manifest.webmanifest", site_files.manifest, name="manifest"),
    path(".well-known/security.txt", site_files.security_txt, name="security_txt"),
]
