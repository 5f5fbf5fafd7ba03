"""What the OpenAPI description says about searching for places."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample

from mobile_api.problems import Words
from mobile_api.v1.describing import (
    ACCEPT_LANGUAGE,
    LANGUAGE,
    LAT,
    LON,
    MUNICIPALITY,
    NO_AUTH,
    answered,
    documented,
    problems,
    query,
)
from mobile_api.v1.place_shapes import PointInWordsSerializer, SuggestionListSerializer

RETRY_AFTER = answered("Retry-After", _("Sekunden bis zum nächsten Versuch."), 429, 503)
SEARCH_PLACES = documented(
    operation_id="searchPlaces",
    tags=["places"],
    summary=_("Orte suchen"),
    description=_(
        "Adressen, Straßen und benannte Orte einer Kommune aus ihrem eigenen Verzeichnis, auch mit "
        "Tippfehlern, die besten zuerst, bei gleicher Güte die nächsten zu `lat` und `lon`. Eine "
        "unbekannte Hausnummer wird zwischen bekannten geschätzt; `position` und `note` sagen es. "
        "Ohne `municipality` gilt die Kommune am Ort. Was gesucht wird, wird nicht gespeichert."
    ),
    parameters=[
        query(
            "q",
            _("Was gesucht wird, 2 bis 120 Zeichen; ein Anfang genügt."),
            {"type": "string", "minLength": 2, "maxLength": 120},
            example="Kaiserstr 12",
        ),
        MUNICIPALITY,
        LAT,
        LON,
        query(
            "limit",
            _("1 bis 20, sonst 8."),
            {"type": "integer", "minimum": 1, "maximum": 20},
        ),
        RETRY_AFTER,
        LANGUAGE,
        ACCEPT_LANGUAGE,
    ],
    responses={
        200: SuggestionListSerializer,
        **problems("invalid_request", "not_found", "not_covered", "too_many_requests"),
    },
    examples=[
        OpenApiExample(
            "zwischen",
            summary=_("Eine Hausnummer, die nicht verzeichnet ist"),
            value={
                "municipality": "heilbronn",
                "places": [
                    {
                        "id": "s.kaiserstr/16",
                        "label": "Kaiserstraße 16",
                        "kind": "address",
                        "part": "Innenstadt",
                        "lat": 49.1423,
                        "lon": 9.2185,
                        "precision_m": 38.0,
                        "distance_m": None,
                        "match": "exact",
                        "position": "interpolated",
                        "note": "Hausnummer nicht verzeichnet; Lage zwischen den Nachbarn "
                        "geschätzt",
                    }
                ],
            },
            response_only=True,
            status_codes=["200"],
        )
    ],
    auth=NO_AUTH,
)
DESCRIBE_POINT = documented(
    operation_id="describePoint",
    tags=["places"],
    summary=_("Ein Punkt in Worten"),
    description=_(
        "Die Adresse, die Straße oder der benannte Ort an einem Punkt, zum Zurücklesen vor dem "
        "Senden. Ist `accuracy_m` grob, wird keine Hausnummer behauptet. `words` ist null, wo "
        "nichts verzeichnet ist; melden lässt sich der Punkt trotzdem."
    ),
    parameters=[
        LAT,
        LON,
        query(
            "accuracy_m",
            _("Genauigkeit des Punktes in Metern, wie das Gerät sie nennt."),
            {"type": "number", "minimum": 0, "maximum": 100000},
        ),
        RETRY_AFTER,
        LANGUAGE,
        ACCEPT_LANGUAGE,
    ],
    responses={
        200: PointInWordsSerializer,
        **problems("invalid_request", "not_covered", "too_many_requests"),
    },
    examples=[
        OpenApiExample(
            "haus",
            value={
                "municipality": "heilbronn",
                "words": "Kaiserstraße 12",
                "sentence": "Kaiserstraße 12, auf 15 m genau",
                "kind": "address",
                "id": "s.kaiserstr/12",
                "distance_m": 11.3,
                "accuracy_m": 15.0,
            },
            response_only=True,
            status_codes=["200"],
        )
    ],
    auth=NO_AUTH,
)

SHAPES: dict[str, Words] = {
    "Suggestion": _("Ein Ort, der gemeint sein kann."),
    "SuggestionList": _("Orte, die gemeint sein können, die besten zuerst."),
    "PlaceKind": _("Art eines Ortes."),
    "PlaceMatch": _("Wie gut ein Name zum Gesuchten passt."),
    "PlacePosition": _("Woher der Punkt eines Ortes kommt."),
    "PointInWords": _("Was an einem Punkt liegt."),
}
