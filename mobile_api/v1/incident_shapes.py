"""The shape of an incident as v1 tells it before sending."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mobile_api.v1.output import OutputSerializer, TextOrNull
from reports.queries.public_incidents import IncidentFacts


class NearbyIncidentSerializer(OutputSerializer):
    """Many like reports that the town handles as one, at the place somebody is about to report."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    category = serializers.CharField(source="category_code")
    reports = serializers.IntegerField(help_text=_("Wie viele Meldungen dazugehören."))
    started_at = serializers.DateTimeField()
    answer = serializers.SerializerMethodField(
        help_text=_("Was die Kommune zuletzt allen gesagt hat, sonst null.")
    )
    supports_url = serializers.SerializerMethodField(
        help_text=_("Hierhin geht „betrifft mich auch“; null, wenn es gerade nicht geht.")
    )

    @extend_schema_field(TextOrNull)
    def get_answer(self, incident: IncidentFacts) -> str | None:
        """The newest of its news."""
        return incident.news[-1]["text"] if incident.news else None

    @extend_schema_field({"type": ["string", "null"], "format": "uri"})
    def get_supports_url(self, incident: IncidentFacts) -> str | None:
        """Through one of its public reports, as whoever joins one hears of all."""
        number = incident.join_number
        return str(self.context["address"]("supports", number)) if number else None
