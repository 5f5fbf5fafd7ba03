"""Addresses of the API, below /api/v1/."""

from django.urls import path, re_path

from mobile_api.reference import ReferenceView, SchemaView
from mobile_api.v1.base import NotFoundView
from mobile_api.v1.batch import BatchView
from mobile_api.v1.nearby import NearbyView
from mobile_api.v1.photos import PhotoView
from mobile_api.v1.places import CategoriesView, MunicipalitiesView
from mobile_api.v1.reports import ConfirmAddressView, ReportsView, ReportView
from mobile_api.v1.uploads import UploadsView, UploadView

app_name = "mobile_api"
urlpatterns = [
    path("", ReferenceView.as_view(), name="reference"),
    path("openapi.json", SchemaView.as_view(), name="schema"),
    path("municipalities", MunicipalitiesView.as_view(), name="municipalities"),
    path("categories", CategoriesView.as_view(), name="categories"),
    path("reports", ReportsView.as_view(), name="reports"),
    path("reports/batch", BatchView.as_view(), name="batch"),
    path("reports/nearby", NearbyView.as_view(), name="nearby"),
    path("reports/<str:number>", ReportView.as_view(), name="report"),
    path(
        "reports/<str:number>/confirm-address",
        ConfirmAddressView.as_view(),
        name="confirm_address",
    ),
    path("uploads", UploadsView.as_view(), name="uploads"),
    path("uploads/<str:token>", UploadView.as_view(), name="upload"),
    path("photos/<path:name>", PhotoView.as_view(), name="photo"),
    re_path(r"^", NotFoundView.as_view(), name="not_found"),
]
