"""What the OpenAPI description says about adding to a report and about joining in."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiRequest, OpenApiResponse

from mobile_api.problems import Words
from mobile_api.v1.additions_shapes import (
    AddedPhotosSerializer,
    AdditionSerializer,
    AdditionWithPhotosSerializer,
    FeedbackGivenSerializer,
    FeedbackSerializer,
    LeaveSerializer,
    MessageSerializer,
    NothingSerializer,
    ObjectionSerializer,
    ObjectionStateSerializer,
    QuestionAnswerSerializer,
    SharingGivenSerializer,
    SharingSerializer,
    SupportCodeSerializer,
    SupportSerializer,
    SupportStateSerializer,
    WishSerializer,
    WishStateSerializer,
)
from mobile_api.v1.describing import (
    ACCEPT_LANGUAGE,
    LANGUAGE,
    NO_AUTH,
    NUMBER,
    RECEIPT,
    answered,
    documented,
    header,
    problems,
)

_KEY = header(
    "Idempotency-Key",
    _("Eigener Schlüssel dieses Wunsches, am besten eine UUID."),
    {"type": "string", "minLength": 8, "maxLength": 200, "pattern": "^[!-~]+$"},
)
_PARAMETERS = [
    NUMBER,
    LANGUAGE,
    ACCEPT_LANGUAGE,
    _KEY,
    answered("Idempotency-Replayed", _("`true`, wenn die Antwort wiederholt wird."), 201),
    answered("Retry-After", _("Sekunden bis zum nächsten Versuch."), 429, 503),
]
_BODY = (
    "invalid_request",
    "unreadable_body",
    "not_authenticated",
    "not_found",
    "length_required",
    "payload_too_large",
    "unsupported_media_type",
)
_WRITES = (*_BODY, "idempotency_key_reused", "too_many_requests")


def _example(name: str, summary: Words, value: Any, status: str = "") -> OpenApiExample:
    """An example of a request, or of the answer with a status."""
    if status:
        return OpenApiExample(
            name, summary=summary, value=value, response_only=True, status_codes=[status]
        )
    return OpenApiExample(
        name, summary=summary, value=value, request_only=True, media_type="application/json"
    )


ADD_MESSAGE = documented(
    operation_id="addMessage",
    tags=["receipt"],
    summary=_("Eine Nachricht an die Verwaltung"),
    description=_(
        "Schreibt dem zuständigen Amt; nie öffentlich. Wartet der Vorgang auf die meldende Person, "
        "geht die Bearbeitung weiter und die Frist läuft wieder."
    ),
    parameters=_PARAMETERS,
    request={"application/json": MessageSerializer},
    responses={
        201: OpenApiResponse(AdditionSerializer, description=_("Angenommen.")),
        **problems(*_WRITES, "case_closed", "addition_refused"),
    },
    examples=[
        _example("nachricht", _("Eine Nachricht"), {"text": "Das Loch ist größer geworden."}),
        _example("angenommen", _("Angenommen"), {"status": "in_progress"}, "201"),
    ],
    auth=RECEIPT,
)
ANSWER_QUESTION = documented(
    operation_id="answerQuestion",
    tags=["receipt"],
    summary=_("Eine Rückfrage beantworten"),
    description=_(
        "Beantwortet die offene Frage (`question` der Meldung). Dieselbe Antwort noch einmal ist "
        "dasselbe wie einmal, auch ohne Schlüssel; eine andere danach gibt 409."
    ),
    parameters=_PARAMETERS,
    request={"application/json": QuestionAnswerSerializer},
    responses={
        201: OpenApiResponse(AdditionSerializer, description=_("Angenommen.")),
        **problems(
            *_WRITES, "case_closed", "no_open_question", "already_answered", "addition_refused"
        ),
    },
    examples=[
        _example("antwort", _("Eine Antwort"), {"question": 4, "text": "Vor Hausnummer 12a."}),
        _example("angenommen", _("Angenommen"), {"status": "in_progress"}, "201"),
    ],
    auth=RECEIPT,
)
ADD_PHOTOS = documented(
    operation_id="addPhotos",
    tags=["receipt"],
    summary=_("Fotos ergänzen oder ersetzen"),
    description=_(
        "Nimmt weitere Fotos an, solange der Vorgang offen ist und `photos_left` der Meldung "
        "reicht. Ein ungeeignetes Foto wird genannt, die übrigen bleiben angenommen. `replaces` "
        "nennt ein nicht lesbares Foto, an dessen Stelle das erste tritt."
    ),
    parameters=_PARAMETERS,
    request={
        "multipart/form-data": OpenApiRequest(
            AddedPhotosSerializer,
            encoding={"photos": {"contentType": "image/jpeg, image/png, image/webp"}},
        )
    },
    responses={
        201: OpenApiResponse(AdditionWithPhotosSerializer, description=_("Angenommen.")),
        **problems(*_WRITES, "case_closed", "addition_refused"),
    },
    examples=[
        _example(
            "angenommen",
            _("Ein Foto angenommen, eines abgelehnt"),
            {
                "status": "in_progress",
                "photos": [
                    {
                        "position": 1,
                        "state": "accepted",
                        "ordinal": 3,
                        "code": None,
                        "message": None,
                    },
                    {
                        "position": 2,
                        "state": "refused",
                        "ordinal": None,
                        "code": "not_an_image",
                        "message": "Diese Datei ist kein Foto.",
                    },
                ],
            },
            "201",
        )
    ],
    auth=RECEIPT,
)
WITHDRAW = documented(
    operation_id="withdrawReport",
    tags=["receipt"],
    summary=_("Zurückziehen"),
    description=_(
        "Nimmt die Meldung zurück: Sie wird nicht weiter bearbeitet und verschwindet aus der "
        "Öffentlichkeit. Das lässt sich nicht rückgängig machen."
    ),
    parameters=_PARAMETERS,
    request={"application/json": NothingSerializer},
    responses={
        201: OpenApiResponse(AdditionSerializer, description=_("Zurückgezogen.")),
        **problems(*_WRITES, "not_withdrawable"),
    },
    examples=[_example("zurueckgezogen", _("Zurückgezogen"), {"status": "withdrawn"}, "201")],
    auth=RECEIPT,
)
OBJECT = documented(
    operation_id="objectToPublication",
    tags=["receipt"],
    summary=_("Der Veröffentlichung widersprechen"),
    description=_(
        "Nimmt Text, Fotos oder die ganze Meldung sofort aus der Öffentlichkeit, auch was später "
        "dazukommt. Bearbeitet wird sie weiter. Nur die Redaktion kann das mit Begründung ändern; "
        "es steht dann im Verlauf."
    ),
    parameters=_PARAMETERS,
    request={"application/json": ObjectionSerializer},
    responses={
        201: OpenApiResponse(ObjectionStateSerializer, description=_("Nicht mehr öffentlich.")),
        **problems(*_WRITES, "case_closed", "addition_refused"),
    },
    examples=[
        _example(
            "widerspruch",
            _("Text und Fotos"),
            {"parts": ["text", "photos"], "reason": "Auf dem Foto ist mein Auto."},
        ),
        _example("steht", _("Nicht mehr öffentlich"), {"parts": ["photos", "text"]}, "201"),
    ],
    auth=RECEIPT,
)
SHARE = documented(
    operation_id="decideSharing",
    tags=["receipt"],
    summary=_("Einwilligen, dass eine Stelle erfährt, wer gemeldet hat"),
    description=_(
        "Ist eine andere Stelle zuständig, wird die Meldung ohne Namen weitergegeben. Nur mit "
        "Einwilligung für genau diese Stelle erfährt sie Name und Kontakt. Widerrufbar; was schon "
        "weitergegeben ist, lässt sich nicht zurückholen, das Amt erfährt davon."
    ),
    parameters=_PARAMETERS,
    request={"application/json": SharingSerializer},
    responses={
        201: OpenApiResponse(SharingGivenSerializer, description=_("So vermerkt.")),
        **problems(*_WRITES, "case_closed", "addition_refused"),
    },
    examples=[
        _example("einwilligung", _("Einwilligen"), {"id": 7, "is_allowed": True}),
        _example("vermerkt", _("So vermerkt"), {"id": 7, "is_allowed": True}, "201"),
    ],
    auth=RECEIPT,
)
GIVE_FEEDBACK = documented(
    operation_id="giveFeedback",
    tags=["receipt"],
    summary=_("Stimmt das?"),
    description=_(
        "Sagt nach einer Reparatur, ob es wirklich in Ordnung ist. Ein Nein nimmt den Vorgang mit "
        "der alten Frist wieder auf. Eine Antwort je Meldung, bis `feedback.open_until`."
    ),
    parameters=_PARAMETERS,
    request={"application/json": FeedbackSerializer},
    responses={
        201: OpenApiResponse(FeedbackGivenSerializer, description=_("Angenommen.")),
        **problems(
            *_WRITES, "case_closed", "feedback_closed", "feedback_given", "addition_refused"
        ),
    },
    examples=[
        _example(
            "nein",
            _("Noch nicht in Ordnung"),
            {"is_fixed": False, "satisfaction": 2, "text": "Das Loch ist noch da."},
        ),
        _example(
            "wieder", _("Wieder aufgenommen"), {"status": "in_progress", "is_fixed": False}, "201"
        ),
    ],
    auth=RECEIPT,
)
READ_SUBSCRIPTION = documented(
    operation_id="readSubscription",
    tags=["receipt"],
    summary=_("Welche Nachrichten kommen"),
    description=_("Welche E-Mails zu dieser Meldung gewünscht sind."),
    parameters=[NUMBER, LANGUAGE, ACCEPT_LANGUAGE],
    responses={
        200: WishStateSerializer,
        **problems("invalid_request", "not_authenticated", "not_found", "no_address"),
    },
    examples=[_example("alles", _("Alle Neuigkeiten"), {"wants": "all"}, "200")],
    auth=RECEIPT,
)
CHOOSE_MESSAGES = documented(
    operation_id="chooseMessages",
    tags=["receipt"],
    summary=_("Nachrichten wählen"),
    description=_(
        "`all`: alle Neuigkeiten, `result`: nur das Ergebnis und Rückfragen, `none`: keine. "
        "Dieselbe Wahl noch einmal ändert nichts. Wer keine will, wird auch nicht gefragt, ob es "
        "stimmt."
    ),
    parameters=[NUMBER, LANGUAGE, ACCEPT_LANGUAGE],
    request={"application/json": WishSerializer},
    responses={200: WishStateSerializer, **problems(*_BODY, "no_address")},
    examples=[
        _example("ergebnis", _("Nur das Ergebnis"), {"wants": "result"}),
        _example("gewaehlt", _("So gewählt"), {"wants": "result"}, "200"),
    ],
    auth=RECEIPT,
)
SUPPORT = documented(
    operation_id="supportReport",
    tags=["supports"],
    summary=_("Betrifft mich auch"),
    description=_(
        "Zählt bei einer offenen, öffentlichen Meldung mit. Mit `email` geht ein Link an die "
        "Adresse, gezählt wird nach der Bestätigung (202, ob die Adresse bekannt war oder nicht); "
        "mit `device` zählt das Gerät sofort und ohne Adresse (201). Jede Person und jedes Gerät "
        "zählt einmal."
    ),
    parameters=_PARAMETERS,
    request={"application/json": SupportSerializer},
    responses={
        201: OpenApiResponse(SupportStateSerializer, description=_("Zählt.")),
        202: OpenApiResponse(SupportStateSerializer, description=_("Wartet auf Bestätigung.")),
        **problems(*_WRITES, "support_closed", "addition_refused"),
    },
    examples=[
        _example("adresse", _("Mit Adresse"), {"email": "nachbarin@post.example"}),
        _example("geraet", _("Mit Gerät"), {"device": "0b8f4d9e5c3a4f7f9a1e6d2c7b5a4938"}),
        _example("gefragt", _("Link ging hinaus"), {"state": "asked"}, "202"),
        _example("gezaehlt", _("Zählt"), {"state": "counted"}, "201"),
    ],
    auth=NO_AUTH,
)
CONFIRM_SUPPORT = documented(
    operation_id="confirmSupport",
    tags=["supports"],
    summary=_("„Betrifft mich auch“ bestätigen"),
    description=_(
        "Mit Zahl und Code aus dem Link der E-Mail, 48 Stunden lang. Zweimal ist dasselbe wie "
        "einmal. Eine unbekannte Nummer sieht aus wie ein falscher Code."
    ),
    parameters=[NUMBER, LANGUAGE, ACCEPT_LANGUAGE],
    request={"application/json": SupportCodeSerializer},
    responses={
        200: SupportStateSerializer,
        **problems(*_BODY, "confirmation_invalid", "confirmation_expired", "too_many_requests"),
    },
    examples=[
        _example(
            "code",
            _("Aus dem Link der E-Mail"),
            {"support": 4711, "code": "K7M2Q-9XTBW-HNCP4-RDVZ6-GEYJ3"},
        ),
        _example("gezaehlt", _("Zählt mit"), {"state": "counted"}, "200"),
    ],
    auth=NO_AUTH,
)
LEAVE_SUPPORT = documented(
    operation_id="leaveSupport",
    tags=["supports"],
    summary=_("Nicht mehr mitzählen"),
    description=_(
        "Nimmt „Betrifft mich auch“ zurück und vergisst Adresse oder Gerät: mit `device`, oder mit "
        "`support` und `code` aus dem Link jeder E-Mail. Zweimal ist dasselbe wie einmal."
    ),
    parameters=[NUMBER, LANGUAGE, ACCEPT_LANGUAGE],
    request={"application/json": LeaveSerializer},
    responses={
        200: SupportStateSerializer,
        **problems(*_BODY, "confirmation_invalid", "too_many_requests"),
    },
    examples=[
        _example("geraet", _("Ein Gerät"), {"device": "7c0f1c55-2a44-4b0e-9a0e-3b1a6c8f2d10"}),
        _example("gegangen", _("Zählt nicht mehr mit"), {"state": "left"}, "200"),
    ],
    auth=NO_AUTH,
)

SHAPES: dict[str, Words] = {
    "AddedPhoto": _("Was aus einem Foto der Anfrage wurde."),
    "AddedPhotos": _("Weitere Fotos zu einer Meldung."),
    "Addition": _("Was eine Ergänzung bewirkt hat."),
    "AdditionWithPhotos": _("Was aus weiteren Fotos wurde."),
    "Feedback": _("Die Antwort auf „Stimmt das?“."),
    "FeedbackGiven": _("Die Antwort, wie sie behalten wurde."),
    "FeedbackState": _("Ob „Stimmt das?“ gefragt wird und was geantwortet wurde."),
    "Forecast": _("Womit bis wann zu rechnen ist."),
    "Leave": _("Wer nicht mehr mitzählen will: ein Gerät, oder wer den Link einer E-Mail hat."),
    "Message": _("Worte an die Verwaltung."),
    "Nothing": _("Eine Anfrage ohne Inhalt."),
    "Objection": _("Was nicht mehr öffentlich sein soll."),
    "ObjectionState": _("Was nicht mehr öffentlich ist."),
    "OpenQuestion": _("Was die Verwaltung wissen möchte."),
    "QuestionAnswer": _("Eine Antwort auf eine Rückfrage."),
    "Support": _("Wer auch betroffen ist: genau eines von `email` und `device`."),
    "SupportCode": _("Der Link einer E-Mail, in seinen Teilen."),
    "SupportState": _("Was aus „Betrifft mich auch“ wurde."),
    "Wish": _("Welche Nachrichten gewünscht sind."),
    "WishState": _("Welche Nachrichten kommen."),
}
