"""Addresses of the open data, below /opendata/."""

from django.urls import path

from opendata import feeds, pages

app_name = "opendata"
urlpatterns = [
    path("", pages.index, name="index"),
    path("<slug:slug>/", pages.town, name="town"),
    path("<slug:slug>/reports.geojson", feeds.reports_geojson, name="geojson"),
    path("<slug:slug>/reports.csv", feeds.reports_csv, name="csv"),
    path("<slug:slug>/districts.geojson", feeds.districts_geojson, name="districts"),
]
