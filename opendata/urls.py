"""Addresses of the open data, below /opendata/."""

from django.urls import path

from opendata import changes, feeds, package_file, pages
from opendata.ogc import views as ogc

app_name = "opendata"
_ITEMS = "ogc/collections/<str:name>/items"
urlpatterns = [
    path("", pages.index, name="index"),
    path("ogc/", ogc.landing, name="ogc"),
    path("ogc/conformance", ogc.conformance, name="ogc_conformance"),
    path("ogc/api", ogc.api, name="ogc_api"),
    path("ogc/collections", ogc.collections, name="ogc_collections"),
    path("ogc/collections/<str:name>", ogc.collection, name="ogc_collection"),
    path(_ITEMS, ogc.items, name="ogc_items"),
    path(f"{_ITEMS}/<str:number>", ogc.item, name="ogc_item"),
    path("<slug:slug>/", pages.town, name="town"),
    path("<slug:slug>/reports.geojson", feeds.reports_geojson, name="geojson"),
    path("<slug:slug>/reports.csv", feeds.reports_csv, name="csv"),
    path("<slug:slug>/reports.gpkg", package_file.reports_gpkg, name="gpkg"),
    path("<slug:slug>/changes.json", changes.changes_json, name="changes"),
    path("<slug:slug>/updates.atom", changes.updates_atom, name="atom"),
    path("<slug:slug>/districts.geojson", feeds.districts_geojson, name="districts"),
]
