"""What the OpenAPI description says about each endpoint: parameters, answers, examples."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiRequest,
    OpenApiResponse,
    PolymorphicProxySerializer,
)

from mobile_api.errors import CONTENT_TYPE
from mobile_api.problems import Words
from mobile_api.v1.describing import (
    ACCEPT_LANGUAGE,
    LANGUAGE,
    LAT,
    LON,
    MUNICIPALITY,
    NO_AUTH,
    NUMBER,
    RECEIPT,
    TOKEN,
    answer_example,
    answered,
    documented,
    header,
    problems,
    query,
)
from mobile_api.v1.examples import DRAFT, OUTSIDE, PUBLIC_REPORT, RECEIPT_BODY
from mobile_api.v1.read_examples import CATALOGUE, OWN_REPORT, TOWNS
from mobile_api.v1.serializers import (
    AddressStateSerializer,
    CatalogueSerializer,
    ConfirmationSerializer,
    MultipartReportSerializer,
    MunicipalityListSerializer,
    OwnReportSerializer,
    PublicReportDetailSerializer,
    ReceiptSerializer,
    ReportDraftSerializer,
    ReportPageSerializer,
)

_PROBLEM_EXAMPLE = OpenApiExample(
    "outside",
    summary=_("Der Ort liegt außerhalb"),
    value=OUTSIDE,
    response_only=True,
    status_codes=["422"],
    media_type=CONTENT_TYPE,
)

LIST_MUNICIPALITIES = documented(
    operation_id="listMunicipalities",
    tags=["places"],
    summary=_("Kommunen"),
    description=_(
        "Alle Kommunen dieser Installation; mit `lat` und `lon` nur die, zu denen der Ort gehört "
        "(sonst eine leere Liste). Auf dem eigenen Rechnernamen einer Stadt nur diese."
    ),
    parameters=[LAT, LON, LANGUAGE, ACCEPT_LANGUAGE],
    responses={200: MunicipalityListSerializer, **problems("invalid_request")},
    examples=[answer_example(_("Eine Kommune"), TOWNS)],
    auth=NO_AUTH,
)
LIST_CATEGORIES = documented(
    operation_id="listCategories",
    tags=["places"],
    summary=_("Anliegenarten"),
    description=_(
        "Was an einem Ort oder in einer Kommune gemeldet werden kann, mit Zusatzfragen und "
        "Hinweisen. Texte kommen in der gefragten Sprache, wo sie übersetzt sind, sonst auf "
        "Deutsch. Die Antwort trägt ein `ETag`."
    ),
    parameters=[
        MUNICIPALITY,
        LAT,
        LON,
        LANGUAGE,
        ACCEPT_LANGUAGE,
        answered("ETag", _("Für `If-None-Match` beim nächsten Mal."), 200),
    ],
    responses={
        200: CatalogueSerializer,
        **problems("invalid_request", "not_found", "not_covered"),
    },
    examples=[answer_example(_("Eine Gruppe mit einer Anliegenart"), CATALOGUE)],
    auth=NO_AUTH,
)
SUBMIT_REPORT = documented(
    operation_id="submitReport",
    tags=["reports"],
    summary=_("Melden"),
    description=_(
        "Nimmt eine Meldung an, mit bis zu fünf Fotos in derselben Anfrage. Die Antwort 201 kommt "
        "erst, wenn alles dauerhaft gespeichert ist. Ein ungeeignetes Foto wird in der Antwort "
        "genannt, die Meldung bleibt angenommen.\n\n"
        "Mit `Idempotency-Key` darf eine Anfrage beliebig oft wiederholt werden: Derselbe "
        "Schlüssel mit demselben Inhalt ergibt dieselbe Antwort (mit der Kopfzeile "
        "`Idempotency-Replayed: true`), mit anderem Inhalt 422.\n\n"
        "Über der üblichen Zahl je Stunde wird weiter angenommen, die Meldung wartet dann auf "
        "einen Blick der Verwaltung (`is_held`); weit darüber folgt 429."
    ),
    parameters=[
        header(
            "Idempotency-Key",
            _("Eigener Schlüssel der Meldung, am besten eine UUID."),
            {"type": "string", "minLength": 8, "maxLength": 200, "pattern": "^[!-~]+$"},
        ),
        header(
            "X-Device-Id",
            _("Zufällige Kennung der Installation der App; gezählt wird nur ihr Hash, zwei Tage."),
            {"type": "string", "maxLength": 200},
        ),
        LANGUAGE,
        ACCEPT_LANGUAGE,
        answered("Location", _("Adresse der Meldung in der API."), 201),
        answered("Idempotency-Replayed", _("`true`, wenn die Antwort wiederholt wird."), 201),
        answered("Retry-After", _("Sekunden bis zum nächsten Versuch."), 429, 503),
        answered(
            "RateLimit-Policy", _("Wie viele Meldungen in wie vielen Sekunden gelesen werden."), 201
        ),
        answered(
            "RateLimit", _("Wie viele davon noch übrig sind, und Sekunden, bis es neu zählt."), 201
        ),
    ],
    request={
        "application/json": ReportDraftSerializer,
        "multipart/form-data": OpenApiRequest(
            MultipartReportSerializer,
            encoding={
                "report": {"contentType": "application/json"},
                "photos": {"contentType": "image/jpeg, image/png, image/webp"},
            },
        ),
    },
    responses={
        201: OpenApiResponse(ReceiptSerializer, description=_("Angenommen.")),
        **problems(
            "invalid_request",
            "unreadable_body",
            "not_authenticated",
            "permission_denied",
            "length_required",
            "payload_too_large",
            "unsupported_media_type",
            "report_refused",
            "idempotency_key_reused",
            "too_many_requests",
            "storage_full",
        ),
    },
    examples=[
        OpenApiExample(
            "schlagloch",
            summary=_("Ein Schlagloch"),
            value=DRAFT,
            request_only=True,
            media_type="application/json",
        ),
        OpenApiExample(
            "quittung",
            summary=_("Angenommen, ein Foto abgelehnt"),
            value=RECEIPT_BODY,
            response_only=True,
            status_codes=["201"],
        ),
        _PROBLEM_EXAMPLE,
    ],
    auth=TOKEN,
)
LIST_REPORTS = documented(
    operation_id="listReports",
    tags=["reports"],
    summary=_("Meldungen in der Nähe"),
    description=_(
        "Veröffentlichte Meldungen, ohne Angaben zu Personen: um einen Ort herum die nächsten "
        "zuerst, sonst die neuesten. Ort und Zeiten sind so genau, wie die Anliegenart es "
        "erlaubt. Mindestens eines von `municipality`, `lat` und `lon`, `bbox` ist nötig."
    ),
    parameters=[
        MUNICIPALITY,
        LAT,
        LON,
        query(
            "radius",
            _("Umkreis in Metern, sonst 500."),
            {"type": "number", "exclusiveMinimum": 0, "maximum": 5000},
        ),
        query("bbox", _("Rechteck in Grad: West,Süd,Ost,Nord."), example="9.20,49.13,9.24,49.16"),
        query(
            "category",
            _("Codes von Anliegenarten oder Gruppen, durch Komma getrennt."),
            example="strasse,gruen.baum",
        ),
        query(
            "status",
            _("Stände, durch Komma getrennt; auch `open` und `closed` für alle solchen."),
            example="open",
        ),
        query(
            "since",
            _("Nur seit diesem Tag oder Zeitpunkt geänderte (ISO 8601)."),
            example="2026-01-01",
        ),
        query(
            "page_size",
            _("1 bis 100, sonst 20."),
            {"type": "integer", "minimum": 1, "maximum": 100},
        ),
        query("cursor", _("`next_cursor` der Seite davor.")),
        answered("Link", _('`rel="next"`: die nächste Seite.'), 200),
        LANGUAGE,
        ACCEPT_LANGUAGE,
    ],
    responses={200: ReportPageSerializer, **problems("invalid_request")},
    examples=[
        answer_example(
            _("Die letzte Seite, mit einer Meldung"),
            {"reports": [PUBLIC_REPORT], "next_cursor": None, "next_url": None},
        )
    ],
    auth=NO_AUTH,
)
READ_REPORT = documented(
    operation_id="readReport",
    tags=["reports"],
    summary=_("Eine Meldung"),
    description=_(
        "Mit dem Geheimnis der Quittung (`Authorization: Receipt …` oder `X-Receipt-Secret`) oder "
        "mit dem Token der App, die sie gesendet hat: Stand, Verlauf und die eigenen Angaben "
        "(`view: receipt`). Sonst das Veröffentlichte (`view: public`). Unbekannte und nicht "
        "öffentliche Meldungen antworten gleich mit 404, ein falsches Geheimnis auch."
    ),
    parameters=[
        NUMBER,
        LANGUAGE,
        ACCEPT_LANGUAGE,
    ],
    responses={
        200: PolymorphicProxySerializer(
            component_name="Report",
            serializers={
                "receipt": OwnReportSerializer,
                "public": PublicReportDetailSerializer,
            },
            resource_type_field_name="view",
        ),
        **problems("invalid_request", "not_authenticated", "not_found"),
    },
    examples=[answer_example(_("Die eigene Meldung"), OWN_REPORT)],
    auth=RECEIPT,
)
CONFIRM_ADDRESS = documented(
    operation_id="confirmAddress",
    tags=["reports"],
    summary=_("E-Mail-Adresse bestätigen"),
    description=_(
        "Bestätigt die Adresse einer Meldung mit dem Code aus der E-Mail; zweimal ist dasselbe "
        "wie einmal. Eine unbekannte Nummer sieht aus wie ein falscher Code."
    ),
    parameters=[
        NUMBER,
        LANGUAGE,
        ACCEPT_LANGUAGE,
    ],
    request={"application/json": ConfirmationSerializer},
    responses={
        200: AddressStateSerializer,
        **problems(
            "invalid_request",
            "unreadable_body",
            "not_authenticated",
            "length_required",
            "payload_too_large",
            "unsupported_media_type",
            "confirmation_invalid",
            "confirmation_expired",
            "too_many_requests",
        ),
    },
    examples=[
        OpenApiExample(
            "code",
            value={"code": "K7M2Q-9XTBW-HNCP4-RDVZ6-GEYJ3"},
            request_only=True,
            media_type="application/json",
        ),
        answer_example(_("Bestätigt"), {"address_state": "confirmed"}),
    ],
    auth=NO_AUTH,
)
READ_PHOTO = documented(
    operation_id="readPhoto",
    tags=["reports"],
    summary=_("Ein Foto"),
    description=_(
        "Eine Größe eines freigegebenen Fotos, ohne Metadaten. Zurückgezogene Fotos antworten "
        "mit 404; Zwischenspeicher behalten sie höchstens eine Minute."
    ),
    parameters=[
        OpenApiParameter(
            "name",
            OpenApiTypes.STR,
            OpenApiParameter.PATH,
            description=_("Aus `url` eines Fotos."),
        )
    ],
    responses={
        (200, "image/jpeg"): OpenApiTypes.BINARY,
        (200, "image/webp"): OpenApiTypes.BINARY,
        **problems("not_found"),
    },
    auth=NO_AUTH,
)

SHAPES: dict[str, Words] = {
    "AddressState": _("Was aus der E-Mail-Adresse wurde."),
    "AddressConfirmation": _("Stand der Bestätigung einer E-Mail-Adresse."),
    "Catalogue": _("Was in einer Kommune gemeldet werden kann."),
    "Batch": _("Mehrere Meldungen in einer Anfrage."),
    "BatchItem": _("Eine von mehreren Meldungen, mit ihrem Schlüssel."),
    "BatchResult": _("Was aus einer von mehreren Meldungen wurde; Quittung oder Problem."),
    "BatchResults": _("Was aus mehreren Meldungen wurde, in der gesendeten Reihenfolge."),
    "Nearby": _("Offene Meldungen in der Nähe eines Ortes."),
    "Category": _("Eine Anliegenart mit allem, was ein Formular braucht."),
    "CategoryGroup": _("Eine Gruppe von Anliegenarten."),
    "CategoryRef": _("Eine Anliegenart: Code und deutscher Name."),
    "Confirmation": _("Der Code aus der Bestätigungsmail."),
    "Fault": _("Ein einzelner Fehler; genau eines von pointer, parameter, header sagt, wo."),
    "GroupedCategoryRef": _("Eine Anliegenart mit dem Namen ihrer Gruppe."),
    "MultipartReport": _("Eine Meldung mit Fotos in einer Anfrage."),
    "Municipality": _("Eine Kommune, die mitmacht."),
    "MunicipalityList": _("Kommunen dieser Installation oder an einem Ort."),
    "NullEnum": _("Keine Angabe."),
    "Option": _("Eine Auswahlmöglichkeit; `advice` zeigen, sobald sie gewählt ist."),
    "OwnPlace": _("Der Ort, wie er gesendet wurde."),
    "OwnReport": _("Eine Meldung, wie ihr Absender sie sieht."),
    "PhotoFile": _("Eine Größe eines Fotos."),
    "PhotoStatus": _("Was aus einem Foto der eigenen Meldung wurde."),
    "PhotoVerdict": _("Ob ein Foto angenommen wurde; die Meldung ist es in jedem Fall."),
    "Problem": _("Problem details nach RFC 9457, mit Texten auf Deutsch und Englisch."),
    "PublicPhoto": _("Ein freigegebenes Foto in mehreren Größen, ohne Metadaten."),
    "PublicPlace": _("Die Mitte der Rasterzelle, in der der Ort liegt."),
    "PublicReport": _("Was alle über eine Meldung wissen dürfen."),
    "PublicReportDetail": _("Eine Meldung, wie die Öffentlichkeit sie sieht."),
    "Question": _("Eine Zusatzfrage."),
    "Receipt": _("Die Quittung einer angenommenen Meldung. Das Geheimnis öffnet sie später."),
    "ReportDraft": _("Was jemand melden will. `null` und leere Texte gelten als nicht angegeben."),
    "ReportPage": _("Eine Seite mit Meldungen."),
    "Step": _("Etwas, das mit einer Meldung geschah."),
}
