"""Addresses of the API, below /api/v1/."""

from django.urls import path, re_path

from mobile_api.reference import ReferenceView, SchemaView
from mobile_api.v1 import additions, supports
from mobile_api.v1.assets import AssetsView
from mobile_api.v1.base import NotFoundView
from mobile_api.v1.batch import BatchView
from mobile_api.v1.check import CheckView
from mobile_api.v1.devices import DevicesView, DeviceView, PushKeyView
from mobile_api.v1.nearby import NearbyView
from mobile_api.v1.photos import PhotoView
from mobile_api.v1.place_search import PlacesView, PointView
from mobile_api.v1.places import CategoriesView, MunicipalitiesView
from mobile_api.v1.reports import ConfirmAddressView, ReportsView, ReportView
from mobile_api.v1.routing_explanation import ExplainRoutingView
from mobile_api.v1.sensors import UplinksView
from mobile_api.v1.suggestions import SuggestionsView
from mobile_api.v1.uploads import UploadsView, UploadView

app_name = "mobile_api"
urlpatterns = [
    path("", ReferenceView.as_view(), name="reference"),
    path("openapi.json", SchemaView.as_view(), name="schema"),
    path("municipalities", MunicipalitiesView.as_view(), name="municipalities"),
    path("categories", CategoriesView.as_view(), name="categories"),
    path("assets", AssetsView.as_view(), name="assets"),
    path("places", PlacesView.as_view(), name="places"),
    path("places/at", PointView.as_view(), name="place_at"),
    path("suggestions", SuggestionsView.as_view(), name="suggestions"),
    path("reports", ReportsView.as_view(), name="reports"),
    path("reports/batch", BatchView.as_view(), name="batch"),
    path("reports/nearby", NearbyView.as_view(), name="nearby"),
    path("reports/check", CheckView.as_view(), name="check"),
    path("reports/<str:number>", ReportView.as_view(), name="report"),
    path(
        "reports/<str:number>/confirm-address",
        ConfirmAddressView.as_view(),
        name="confirm_address",
    ),
    path("reports/<str:number>/messages", additions.MessagesView.as_view(), name="messages"),
    path("reports/<str:number>/answer", additions.AnswerView.as_view(), name="answer"),
    path("reports/<str:number>/photos", additions.PhotosView.as_view(), name="added_photos"),
    path("reports/<str:number>/withdrawal", additions.WithdrawalView.as_view(), name="withdrawal"),
    path("reports/<str:number>/sharing", additions.SharingView.as_view(), name="sharing"),
    path("reports/<str:number>/objection", additions.ObjectionView.as_view(), name="objection"),
    path("reports/<str:number>/feedback", additions.FeedbackView.as_view(), name="feedback"),
    path(
        "reports/<str:number>/subscription",
        additions.SubscriptionView.as_view(),
        name="subscription",
    ),
    path("reports/<str:number>/supports", supports.SupportsView.as_view(), name="supports"),
    path(
        "reports/<str:number>/supports/confirm",
        supports.ConfirmSupportView.as_view(),
        name="confirm_support",
    ),
    path(
        "reports/<str:number>/supports/leave",
        supports.LeaveSupportView.as_view(),
        name="leave_support",
    ),
    path("reports/<str:number>/devices", DevicesView.as_view(), name="devices"),
    path("devices/<uuid:device_id>", DeviceView.as_view(), name="device"),
    path("routing/explain", ExplainRoutingView.as_view(), name="explain_routing"),
    path("push-key", PushKeyView.as_view(), name="push_key"),
    path("uploads", UploadsView.as_view(), name="uploads"),
    path("uploads/<str:token>", UploadView.as_view(), name="upload"),
    path("sensors/<int:fleet>/uplinks", UplinksView.as_view(), name="uplinks"),
    path("photos/<path:name>", PhotoView.as_view(), name="photo"),
    re_path(r"^", NotFoundView.as_view(), name="not_found"),
]
