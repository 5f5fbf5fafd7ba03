"""Addresses of the open data, below /opendata/."""

from datetime import date

from django.urls import path, register_converter

from opendata import (
    archive_views,
    catalogue_views,
    changes,
    description_views,
    feeds,
    package_file,
    pages,
    town_figures,
)
from opendata.ogc import views as ogc


class DayConverter:
    """A day as in 2026-03-01."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        """Raises ValueError, which is answered as 404."""
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()


register_converter(DayConverter, "day")
app_name = "opendata"
_DAY = "<slug:slug>/snapshots/<day:day>"
_ITEMS = "ogc/collections/<str:collection>/items"
urlpatterns = [
    path("", pages.index, name="index"),
    path("catalog.<str:syntax>", catalogue_views.catalog, name="catalog"),
    path("ogc/", ogc.landing, name="ogc"),
    path("ogc/conformance", ogc.conformance, name="ogc_conformance"),
    path("ogc/api", ogc.api, name="ogc_api"),
    path("ogc/collections", ogc.collections, name="ogc_collections"),
    path("ogc/collections/<str:collection>", ogc.one_collection, name="ogc_collection"),
    path(_ITEMS, ogc.items, name="ogc_items"),
    path(f"{_ITEMS}/<str:number>", ogc.item, name="ogc_item"),
    path("<slug:slug>/", pages.town, name="town"),
    path("<slug:slug>/reports.geojson", feeds.reports_geojson, name="geojson"),
    path("<slug:slug>/reports.csv", feeds.reports_csv, name="csv"),
    path("<slug:slug>/statistics.json", town_figures.statistics_json, name="statistics_json"),
    path("<slug:slug>/statistics.csv", town_figures.statistics_csv, name="statistics_csv"),
    path("<slug:slug>/reports.gpkg", package_file.reports_gpkg, name="gpkg"),
    path("<slug:slug>/changes.json", changes.changes_json, name="changes"),
    path("<slug:slug>/updates.atom", changes.updates_atom, name="atom"),
    path("<slug:slug>/datapackage.json", description_views.data_package, name="datapackage"),
    path("<slug:slug>/reports.csv-metadata.json", description_views.csvw, name="csvw"),
    path("<slug:slug>/snapshots/", archive_views.index, name="snapshots"),
    path("<slug:slug>/snapshots/manifest.json", archive_views.manifest, name="manifest"),
    path(f"{_DAY}/reports.csv.gz", archive_views.table, name="snapshot"),
    path(f"{_DAY}/SHA256SUMS", archive_views.checksum, name="checksum"),
    path(f"{_DAY}/datapackage.json", archive_views.data_package, name="snapshot_package"),
    path("<slug:slug>/districts.geojson", feeds.districts_geojson, name="districts"),
]
