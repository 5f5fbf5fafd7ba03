"""Made-up requests and answers for the OpenAPI description."""

from typing import Any

DRAFT: dict[str, Any] = {
    "category": "strasse.schlagloch",
    "lat": 49.1427,
    "lon": 9.2187,
    "accuracy_m": 8,
    "place_chosen_by": "gps",
    "description": "Tiefes Schlagloch auf dem Radweg vor dem Rathaus.",
    "address": "Marktplatz 7",
    "answers": {"lage": "radstreifen"},
    "email": "erika.mustermann@post.example",
    "language": "de",
}
RECEIPT_BODY: dict[str, Any] = {
    "number": "HN-2026-004711",
    "secret": "7KQ2M-W9XTB-4HNCP-Z6RDV-J3GEY",
    "municipality": "heilbronn",
    "received_at": "2026-11-23T14:05:31.204518+01:00",
    "receipt_url": "https://melden.example/heilbronn/meldung/HN-2026-004711/zugang/"
    "?code=7KQ2M-W9XTB-4HNCP-Z6RDV-J3GEY",
    "status_url": "https://melden.example/api/v1/reports/HN-2026-004711",
    "advice": [],
    "is_held": False,
    "photos": [
        {"ordinal": 1, "state": "accepted", "code": None, "message": None},
        {
            "ordinal": 2,
            "state": "refused",
            "code": "heic_not_accepted",
            "message": "Fotos im Format HEIC können wir nicht annehmen. Bitte senden Sie es als "
            "JPEG.",
        },
    ],
}
OUTSIDE: dict[str, Any] = {
    "type": "https://melden.example/api/v1/#problem-report_refused",
    "title": "So kann die Meldung nicht angenommen werden.",
    "title_en": "The report cannot be accepted like this.",
    "status": 422,
    "code": "report_refused",
    "detail": "So kann die Meldung nicht angenommen werden.",
    "detail_en": "The report cannot be accepted like this.",
    "municipality": "heidenheim",
    "errors": [
        {
            "pointer": "#/lat",
            "code": "other_municipality",
            "detail": "Der Ort liegt in Heidenheim. Bitte melden Sie es dort.",
            "detail_en": "The place is in Heidenheim. Please report it there.",
        }
    ],
}
PUBLIC_REPORT: dict[str, Any] = {
    "number": "HN-2026-004698",
    "municipality": "heilbronn",
    "category": {"code": "strasse.schlagloch", "name": "Schlagloch", "group": "Straße"},
    "status": "in_progress",
    "closing_reason": None,
    "received_at": "2026-11-20T09:12:00+01:00",
    "updated_at": "2026-11-20T11:40:00+01:00",
    "closed_at": None,
    "time_precision": "minute",
    "place": {"lat": 49.14265, "lon": 9.21873, "precision_m": 10},
    "distance_m": None,
    "district": "Innenstadt",
    "office": "66 Amt für Straßenwesen",
    "text": None,
    "answer": "Der Bauhof bessert die Stelle diese Woche aus.",
    "first_answer_hours": 2.5,
    "completion_hours": None,
    "photos": [],
    "supports": 3,
    "url": "https://melden.example/api/v1/reports/HN-2026-004698",
}
