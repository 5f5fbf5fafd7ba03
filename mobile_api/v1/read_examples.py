"""Made-up answers of the reading endpoints for the OpenAPI description."""

from typing import Any

TOWNS: dict[str, Any] = {
    "municipalities": [
        {
            "slug": "heilbronn",
            "name": "Heilbronn",
            "official_name": "Stadt Heilbronn",
            "state": "BW",
            "contact_email": "meldungen@heilbronn.example",
            "contact_phone": "07131 56-0",
            "website": "https://heilbronn.example/",
            "emergency_contact": "07131 56-2999",
            "licence": "https://www.govdata.de/dl-de/zero-2-0",
            "center": [9.22, 49.1426],
            "bbox": [9.1, 49.05, 9.35, 49.25],
            "categories_url": "https://melden.example/api/v1/categories?municipality=heilbronn",
        }
    ]
}
CATALOGUE: dict[str, Any] = {
    "municipality": "heilbronn",
    "language": "de",
    "emergency_contact": "07131 56-2999",
    "groups": [
        {
            "code": "strasse",
            "name": "Straße",
            "description": None,
            "icon": None,
            "categories": [
                {
                    "code": "strasse.schlagloch",
                    "name": "Schlagloch",
                    "description": "Löcher und Abbrüche in Fahrbahn, Rad- und Gehweg.",
                    "notice": "Bei Unfallgefahr bitte zuerst 110 anrufen.",
                    "keywords": ["Loch", "Asphalt"],
                    "icon": None,
                    "publication": "automatic",
                    "publication_note": "sofort: Art, Stand und gerundeter Ort",
                    "is_danger": False,
                    "first_answer_hours": 24,
                    "completion_hours": 80,
                    "questions": [
                        {
                            "code": "lage",
                            "text": "Wo ist das Loch?",
                            "help": None,
                            "datatype": "single",
                            "is_required": True,
                            "is_confidential": False,
                            "options": [
                                {
                                    "key": "fahrbahn",
                                    "text": "Fahrbahn",
                                    "is_danger": False,
                                    "advice": None,
                                    "is_stop": False,
                                    "may_send_anyway": False,
                                },
                                {
                                    "key": "radstreifen",
                                    "text": "Radstreifen",
                                    "is_danger": False,
                                    "advice": None,
                                    "is_stop": False,
                                    "may_send_anyway": False,
                                },
                            ],
                            "condition": None,
                            "minimum": None,
                            "maximum": None,
                            "unit": None,
                            "date_range": "any",
                            "max_length": None,
                        }
                    ],
                    "answers_schema": {
                        "$schema": "https://json-schema.org/draft/2020-12/schema",
                        "type": "object",
                        "properties": {
                            "lage": {
                                "title": "Wo ist das Loch?",
                                "type": "string",
                                "enum": ["fahrbahn", "radstreifen"],
                            }
                        },
                        "required": ["lage"],
                        "additionalProperties": False,
                    },
                    "notices": [],
                    "is_paused": False,
                }
            ],
        }
    ],
    "categories": [],
}
OWN_REPORT: dict[str, Any] = {
    "view": "receipt",
    "number": "HN-2026-004711",
    "municipality": "heilbronn",
    "category": {"code": "strasse.schlagloch", "name": "Schlagloch"},
    "status": "in_progress",
    "waiting_for": None,
    "planned_date": None,
    "closing_reason": None,
    "received_at": "2026-11-23T14:05:31.204518+01:00",
    "updated_at": "2026-11-23T15:20:09.118300+01:00",
    "closed_at": None,
    "place": {
        "lat": 49.1427,
        "lon": 9.2187,
        "accuracy_m": 8.0,
        "chosen_by": "gps",
        "address": "Marktplatz 7",
    },
    "description": "Tiefes Schlagloch auf dem Radweg vor dem Rathaus.",
    "answers": {"lage": "radstreifen"},
    "office": "66 Amt für Straßenwesen",
    "answer": "Der Bauhof bessert die Stelle diese Woche aus.",
    "is_danger": False,
    "is_held": False,
    "is_public": True,
    "text_publication": "pending",
    "address_state": "confirmed",
    "photos": [
        {
            "ordinal": 1,
            "state": "ready",
            "failure_code": None,
            "publication": "pending",
            "replaces": None,
            "is_replaced": False,
            "taken_at": "2026-11-02T07:12:30+01:00",
            "taken_lat": 49.14231,
            "taken_lon": 9.21893,
            "taken_distance_m": 40,
        }
    ],
    "timeline": [
        {
            "kind": "received",
            "at": "2026-11-23T14:05:31.204518+01:00",
            "sentence": "Ihre Meldung ist eingegangen.",
            "status": None,
            "closing_reason": None,
            "waiting_for": None,
            "planned_date": None,
            "office": None,
            "text": None,
            "own_words": False,
        },
        {
            "kind": "status_changed",
            "at": "2026-11-23T15:20:09.118300+01:00",
            "sentence": "Ihre Meldung ist in Bearbeitung.",
            "status": "in_progress",
            "closing_reason": None,
            "waiting_for": None,
            "planned_date": None,
            "office": "66 Amt für Straßenwesen",
            "text": "Der Bauhof bessert die Stelle diese Woche aus.",
            "own_words": False,
        },
    ],
    "office_phone": None,
    "question": None,
    "forecast": {
        "first_answer_by": None,
        "done_by": "2026-12-04T16:00:00+01:00",
        "is_overdue": False,
        "is_paused": False,
        "sentence": "Voraussichtlich bis 4. Dezember 2026 erledigt.",
    },
    "feedback": {"open_until": None, "is_fixed": None, "satisfaction": None},
    "wants": "all",
    "objections": [],
    "photos_left": 10,
    "actions": ["add_text", "add_photos", "withdraw", "object", "choose_messages"],
    "sharing": [{"id": 7, "name": "Stadtwerke", "is_allowed": False}],
}
