"""The shapes of places that are searched for, and of points in words."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from mobile_api.v1.output import ChoiceOrNull, OutputSerializer, TextOrNull
from places.models import PlaceKind
from places.values import ADDRESS_KIND, Match, Position

PLACE_KINDS = [ADDRESS_KIND, *PlaceKind.values]
MATCHES = [each.word for each in Match]
POSITIONS = [each.value for each in Position]


class SuggestionSerializer(OutputSerializer):
    """A place that may be meant."""

    id = serializers.CharField(
        help_text=_("Bleibt über Aktualisierungen des Verzeichnisses hinweg gleich.")
    )
    label = serializers.CharField()  # type: ignore[assignment]
    kind = serializers.ChoiceField(choices=PLACE_KINDS)
    part = TextOrNull(help_text=_("Ortsteil, wo er bekannt ist."))
    lat = serializers.FloatField(allow_null=True)
    lon = serializers.FloatField(allow_null=True)
    precision_m = serializers.FloatField(
        allow_null=True, help_text=_("Wie genau der Punkt den Ort trifft, in Metern.")
    )
    distance_m = serializers.FloatField(
        allow_null=True, help_text=_("Entfernung zu `lat` und `lon` der Anfrage.")
    )
    match = serializers.ChoiceField(choices=MATCHES, source="match.word")
    position = serializers.ChoiceField(
        choices=POSITIONS,
        help_text=_("Woher der Punkt kommt; bei `unknown` fehlt er."),
    )
    note = TextOrNull(help_text=_("Zum Anzeigen: was am Punkt ungewiss ist."))


class SuggestionListSerializer(OutputSerializer):
    """Places that may be meant, the best first."""

    municipality = serializers.CharField()
    places = SuggestionSerializer(many=True)


class PointInWordsSerializer(OutputSerializer):
    """What lies at a point."""

    municipality = serializers.CharField()
    words = TextOrNull(help_text=_("Z. B. `bei Kaiserstraße 12`; null, wo nichts in der Nähe ist."))
    sentence = TextOrNull(help_text=_("Mit der Genauigkeit: `Kaiserstraße 12, auf 15 m genau`."))
    kind = ChoiceOrNull(choices=PLACE_KINDS)
    id = TextOrNull(source="place_id")
    distance_m = serializers.FloatField(allow_null=True)
    accuracy_m = serializers.FloatField(allow_null=True)
