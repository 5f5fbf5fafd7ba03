"""The shapes that go in and out of v1. They describe; they neither save nor decide."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from mobile_api.problems import KINDS
from mobile_api.v1.additions_shapes import (
    RECEIPT_ACTIONS,
    FeedbackStateSerializer,
    ForecastSerializer,
    OpenQuestionSerializer,
    SharingStateSerializer,
)
from mobile_api.v1.fields import (
    AddressField,
    AnswersField,
    FlagField,
    NumberField,
    PhotoField,
    StrictSerializer,
    TextField,
    UploadTokenField,
)
from mobile_api.v1.incident_shapes import NearbyIncidentSerializer
from mobile_api.v1.output import ChoiceOrNull, OutputSerializer, TextOrNull
from reports.draft import TEXT_LIMIT
from reports.lifecycle import ClosingReason, Status, WaitingFor
from reports.models import PhotoState, PlaceChosenBy, Publication
from reports.participation import ObjectionPart, Wish
from reports.queries.public_facts import PhotoCopy, ReportFacts
from routing.answers_schema import schema_of
from routing.assets import MOST_OF_A_REPORT
from routing.catalogue import CategoryInfo
from routing.models import Datatype, DateRange, PublicationPolicy

SENDABLE_PLACES = [
    choice for choice in PlaceChosenBy.choices if choice[0] != PlaceChosenBy.IMPORT.value
]

OPERATORS = ["equals", "contains", "one_of"]
VERDICTS = ["accepted", "refused"]
ADDRESS_STATES = ["none", "unconfirmed", "expired", "confirmed"]
TIME_PRECISIONS = ["minute", "day", "month"]
PHOTO_FORMATS = ["webp", "jpeg"]
PROBLEM_CODES = sorted(KINDS)


# In


class ReportDraftSerializer(StrictSerializer):
    """What somebody wants to report. `null` and empty texts count as not given."""

    municipality = TextField(
        max_length=40,
        required=False,
        allow_null=True,
        allow_blank=True,
        help_text=_("Kurzname der Kommune; ohne Angabe entscheidet der Ort."),
    )
    category = TextField(max_length=60, help_text=_("Code aus `GET categories`."))
    lat = NumberField(at_least=-90, at_most=90, help_text=_("Breite in Grad, WGS84."))
    lon = NumberField(at_least=-180, at_most=180, help_text=_("Länge in Grad, WGS84."))
    accuracy_m = NumberField(
        at_least=0,
        at_most=100_000,
        required=False,
        allow_null=True,
        help_text=_("Genauigkeit des Standorts in Metern, wie das Gerät sie nennt."),
    )
    place_chosen_by = serializers.ChoiceField(
        choices=SENDABLE_PLACES,
        default=PlaceChosenBy.MAP.value,
        help_text=_("Wie der Ort gewählt wurde."),
    )
    description = TextField(
        lines=100,
        max_length=TEXT_LIMIT,
        required=False,
        allow_null=True,
        allow_blank=True,
        help_text=_("Was ist los? Pflicht, wenn kein Foto dabei ist."),
    )
    address = TextField(
        max_length=200,
        required=False,
        allow_null=True,
        allow_blank=True,
        help_text=_("Adresse oder Ortsbeschreibung in einer Zeile."),
    )
    answers = AnswersField(
        required=False,
        allow_null=True,
        help_text=_("Antworten auf die Zusatzfragen der Anliegenart, nach Code der Frage."),
    )
    assets = serializers.ListField(
        child=TextField(max_length=121),
        required=False,
        allow_null=True,
        max_length=MOST_OF_A_REPORT,
        help_text=_("Objekte, um die es geht: `reference` aus `GET assets`; sonst keines."),
    )
    uploads = serializers.ListField(
        child=UploadTokenField(),
        required=False,
        allow_null=True,
        max_length=settings.PHOTO_LIMIT,
        help_text=_("Vorab hochgeladene Fotos: letzter Teil ihrer Adresse, oder die Adresse."),
    )
    name = TextField(
        max_length=120,
        required=False,
        allow_null=True,
        allow_blank=True,
        help_text=_("Name der meldenden Person; freiwillig, nie öffentlich."),
    )
    email = AddressField(
        max_length=254,
        required=False,
        allow_null=True,
        allow_blank=True,
        help_text=_("Für Antworten; wird erst nach Bestätigung benutzt, nie öffentlich."),
    )
    phone = TextField(
        max_length=40,
        required=False,
        allow_null=True,
        allow_blank=True,
        help_text=_("Für Rückfragen; freiwillig, nie öffentlich."),
    )
    language = TextField(
        max_length=8,
        required=False,
        allow_null=True,
        help_text=_("Sprache der meldenden Person, z. B. `de`; sonst wie die Anfrage."),
    )
    called_emergency = FlagField(
        required=False,
        allow_null=True,
        help_text=_("Ob die Person nach eigener Angabe schon 112 oder 110 gerufen hat."),
    )


class MultipartReportSerializer(serializers.Serializer[Any]):
    """A report with photos in one request."""

    report = ReportDraftSerializer(
        help_text=_("Die Meldung als JSON, als Feld oder als Teil vom Typ application/json.")
    )
    photos = serializers.ListField(
        child=PhotoField(),
        required=False,
        max_length=5,
        help_text=_("Bis zu fünf Teile namens `photos`: JPEG, PNG oder WebP, je höchstens 15 MB."),
    )


class BatchItemSerializer(serializers.Serializer[Any]):
    """One report of several."""

    key = serializers.CharField(
        min_length=8, max_length=200, help_text=_("Eigener Schlüssel der Meldung, z. B. eine UUID.")
    )
    report = ReportDraftSerializer()


class BatchSerializer(serializers.Serializer[Any]):
    """Several reports in one request."""

    reports = serializers.ListField(
        child=BatchItemSerializer(), min_length=1, max_length=20, help_text=_("1 bis 20 Meldungen.")
    )


class ConfirmationSerializer(StrictSerializer):
    """The code from the confirmation mail."""

    code = TextField(max_length=60, help_text=_("Code aus dem Link der E-Mail."))


# Out


class PhotoVerdictSerializer(OutputSerializer):
    """Whether a photo was kept; the report is accepted either way."""

    ordinal = serializers.IntegerField(
        help_text=_("Das wievielte Foto, ab 1: erst die Teile `photos`, dann `uploads`.")
    )
    state = serializers.ChoiceField(choices=VERDICTS)
    code = TextOrNull(help_text=_("Warum abgelehnt, z. B. `heic_not_accepted`."))
    message = TextOrNull(help_text=_("Derselbe Grund als Satz für die meldende Person."))


class ReceiptSerializer(OutputSerializer):
    """The receipt of an accepted report. Keep the secret: it opens the report later."""

    number = serializers.CharField(help_text=_("Vorgangsnummer, z. B. HN-2026-004711."))
    secret = serializers.CharField(help_text=_("Geheimnis zur Nummer; gehört nur der Person."))
    municipality = serializers.CharField(help_text=_("Kurzname der Kommune."))
    received_at = serializers.DateTimeField(help_text=_("Zeitpunkt der Annahme."))
    receipt_url = serializers.URLField(help_text=_("Seite der Meldung, mit dem Geheimnis."))
    status_url = serializers.URLField(help_text=_("Adresse dieser Meldung in der API."))
    advice = serializers.ListField(
        child=serializers.CharField(),
        help_text=_("Hinweise, die sofort zu zeigen sind, z. B. „Bitte rufen Sie 112“."),
    )
    is_held = serializers.BooleanField(
        help_text=_("Angenommen; vor der Bearbeitung sieht jemand kurz darauf (siehe `advice`).")
    )
    photos = PhotoVerdictSerializer(many=True)


class CategoryRefSerializer(OutputSerializer):
    """A kind of report, by code and German name."""

    code = serializers.CharField(source="category_code")
    name = serializers.CharField(source="category_name")


class GroupedCategoryRefSerializer(CategoryRefSerializer):
    """A kind of report with the name of its group."""

    group = TextOrNull(source="group_name")


class PublicPlaceSerializer(OutputSerializer):
    """The middle of the grid cell that holds the place."""

    lat = serializers.FloatField()
    lon = serializers.FloatField()
    precision_m = serializers.IntegerField(help_text=_("Kantenlänge der Rasterzelle in Metern."))


class PhotoFileSerializer(OutputSerializer):
    """One size of a photo."""

    format = serializers.ChoiceField(choices=PHOTO_FORMATS)
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    url = serializers.URLField()


class PublicPhotoSerializer(OutputSerializer):
    """An approved photo in several sizes, without any metadata."""

    ordinal = serializers.IntegerField()
    files = PhotoFileSerializer(many=True)


class PublicReportSerializer(OutputSerializer):
    """What everybody may know of a report."""

    number = serializers.CharField()
    municipality = serializers.CharField(source="municipality_slug")
    category = GroupedCategoryRefSerializer(source="*")
    status = serializers.ChoiceField(choices=Status.choices)
    closing_reason = ChoiceOrNull(choices=ClosingReason.choices)
    received_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    time_precision = serializers.ChoiceField(
        choices=TIME_PRECISIONS, help_text=_("Wie genau die Zeiten sind.")
    )
    place = PublicPlaceSerializer(source="*")
    distance_m = serializers.SerializerMethodField(
        help_text=_("Entfernung zum gefragten Ort in Metern; sonst null.")
    )
    district = TextOrNull()
    office = TextOrNull(source="office_name")
    text = TextOrNull(help_text=_("Beschreibung, wenn sie freigegeben ist."))
    answer = TextOrNull(help_text=_("Letzte öffentliche Antwort der Verwaltung."))
    first_answer_hours = serializers.FloatField(allow_null=True)
    completion_hours = serializers.FloatField(allow_null=True)
    supports = serializers.IntegerField(
        allow_null=True, help_text=_("Wie viele sagen „Betrifft mich auch“; null: ungezählt.")
    )
    photos = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField(help_text=_("Adresse dieser Meldung in der API."))

    @extend_schema_field({"type": ["number", "null"]})
    def get_distance_m(self, report: ReportFacts) -> int | None:
        """Whole metres: the place itself is rounded."""
        return None if report.distance_m is None else round(report.distance_m)

    @extend_schema_field(PublicPhotoSerializer(many=True))
    def get_photos(self, report: ReportFacts) -> list[dict[str, Any]]:
        """The copies of each photo together."""
        ordinals = dict.fromkeys(copy.ordinal for copy in report.photos)
        return [
            {"ordinal": ordinal, "files": list(self._files(report.photos, ordinal))}
            for ordinal in ordinals
        ]

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_url(self, report: ReportFacts) -> str:
        """The address of the report."""
        return str(self.context["address"]("report", report.number))

    def _files(self, copies: Iterable[PhotoCopy], ordinal: int) -> Iterable[dict[str, Any]]:
        for copy in copies:
            if copy.ordinal == ordinal:
                yield {
                    "format": copy.format,
                    "width": copy.width,
                    "height": copy.height,
                    "url": self.context["address"]("photo", copy.name),
                }


class PublicReportDetailSerializer(PublicReportSerializer):
    """A report as the public sees it."""

    view = serializers.ChoiceField(choices=["public"], default="public", read_only=True)


class ReportPageSerializer(OutputSerializer):
    """One page of reports."""

    reports = PublicReportSerializer(many=True)
    next_cursor = serializers.CharField(
        allow_null=True, help_text=_("Für den Parameter `cursor`; null auf der letzten Seite.")
    )
    next_url = serializers.URLField(
        allow_null=True, help_text=_("Dieselbe Anfrage für die nächste Seite.")
    )


class StepSerializer(OutputSerializer):
    """Something that happened to a report."""

    kind = serializers.CharField(help_text=_("Stabiler Code, z. B. `status_changed`."))
    at = serializers.DateTimeField()
    sentence = TextOrNull(help_text=_("Derselbe Schritt als Satz."))
    status = ChoiceOrNull(choices=Status.choices)
    closing_reason = ChoiceOrNull(choices=ClosingReason.choices)
    waiting_for = ChoiceOrNull(choices=WaitingFor.choices)
    planned_date = serializers.DateField(allow_null=True)
    office = TextOrNull(source="office_name")
    text = TextOrNull(help_text=_("Antwort der Verwaltung oder eigene Worte zu diesem Schritt."))
    own_words = serializers.BooleanField(help_text=_("Ob `text` von der meldenden Person ist."))


class PhotoStatusSerializer(OutputSerializer):
    """What became of a photo of one's own report."""

    ordinal = serializers.IntegerField()
    state = serializers.ChoiceField(choices=PhotoState.choices)
    failure_code = TextOrNull()
    publication = serializers.ChoiceField(choices=Publication.choices)
    replaces = serializers.IntegerField(
        allow_null=True, help_text=_("Das nicht lesbare Foto, für das dieses gesendet wurde.")
    )
    is_replaced = serializers.BooleanField(help_text=_("Ob es für dieses Foto schon Ersatz gibt."))
    taken_at = serializers.DateTimeField(
        allow_null=True,
        help_text=_("Aufnahmezeit laut Kamera: ein Vorschlag, den nur die meldende Person sieht."),
    )
    taken_lat = serializers.FloatField(allow_null=True)
    taken_lon = serializers.FloatField(allow_null=True)
    taken_distance_m = serializers.IntegerField(
        allow_null=True, help_text=_("Wie weit der Ort laut Kamera vom gemeldeten entfernt ist.")
    )


class OwnPlaceSerializer(OutputSerializer):
    """The place as it was sent."""

    lat = serializers.FloatField()
    lon = serializers.FloatField()
    accuracy_m = serializers.FloatField(allow_null=True)
    chosen_by = serializers.ChoiceField(choices=PlaceChosenBy.choices, source="place_chosen_by")
    address = TextOrNull()


class OwnReportSerializer(OutputSerializer):
    """A report as its sender sees it."""

    view = serializers.ChoiceField(choices=["receipt"], default="receipt", read_only=True)
    number = serializers.CharField()
    municipality = serializers.CharField(source="municipality_slug")
    category = CategoryRefSerializer(source="*")
    status = serializers.ChoiceField(choices=Status.choices)
    waiting_for = ChoiceOrNull(choices=WaitingFor.choices)
    planned_date = serializers.DateField(allow_null=True)
    closing_reason = ChoiceOrNull(choices=ClosingReason.choices)
    received_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    place = OwnPlaceSerializer(source="*")
    description = TextOrNull()
    answers = AnswersField()
    office = TextOrNull(source="office_name")
    answer = TextOrNull(help_text=_("Letzte Antwort der Verwaltung."))
    is_danger = serializers.BooleanField(help_text=_("Als Gefahr behandelt, rund um die Uhr."))
    is_held = serializers.BooleanField(
        help_text=_("Wartet auf einen Blick der Verwaltung, weil sehr viele Meldungen kamen.")
    )
    is_public = serializers.BooleanField(help_text=_("Ob Fremde die Meldung sehen."))
    text_publication = serializers.ChoiceField(choices=Publication.choices)
    address_state = serializers.ChoiceField(
        choices=ADDRESS_STATES,
        help_text=_("Ob die E-Mail-Adresse bestätigt ist."),
    )
    photos = PhotoStatusSerializer(many=True)
    timeline = StepSerializer(many=True)
    office_phone = TextOrNull(help_text=_("Telefon des zuständigen Amts."))
    question = OpenQuestionSerializer(allow_null=True)
    forecast = ForecastSerializer()
    feedback = FeedbackStateSerializer()
    wants = ChoiceOrNull(
        choices=Wish.choices, help_text=_("Gewünschte Nachrichten; null ohne E-Mail-Adresse.")
    )
    objections = serializers.ListField(
        child=serializers.ChoiceField(choices=ObjectionPart.choices),
        help_text=_("Wogegen ein Widerspruch steht."),
    )
    photos_left = serializers.IntegerField(help_text=_("Wie viele Fotos noch dazukönnen."))
    actions = serializers.ListField(
        child=serializers.ChoiceField(choices=RECEIPT_ACTIONS),
        help_text=_("Was mit der Quittung jetzt möglich ist."),
    )
    sharing = SharingStateSerializer(
        many=True,
        help_text=_("Stellen, die mit Einwilligung erfahren dürfen, wer gemeldet hat."),
    )


class OptionSerializer(OutputSerializer):
    """One choice; show `advice` as soon as it is chosen."""

    key = serializers.CharField()
    text = serializers.CharField()
    is_danger = serializers.BooleanField()
    advice = TextOrNull()
    is_stop = serializers.BooleanField(
        help_text=_("Hier endet das Formular: `advice` sagt, wohin man sich wendet.")
    )
    may_send_anyway = serializers.BooleanField(
        help_text=_("Nach einem Ende darf „trotzdem melden“ angeboten werden.")
    )


class ConditionSerializer(OutputSerializer):
    """When a question is asked: where the answer to an earlier one fits."""

    question = serializers.CharField(help_text=_("Code der früheren Frage."))
    operator = serializers.ChoiceField(
        choices=OPERATORS, help_text=_("`contains` bei mehreren Auswahlen und in Texten.")
    )
    values = serializers.ListField(child=serializers.CharField())


class QuestionSerializer(OutputSerializer):
    """An extra question."""

    code = serializers.CharField()
    text = serializers.CharField()
    help = TextOrNull(source="help_text")
    datatype = serializers.ChoiceField(choices=Datatype.choices)
    is_required = serializers.BooleanField()
    is_confidential = serializers.BooleanField(help_text=_("Die Antwort wird nie öffentlich."))
    options = OptionSerializer(many=True)
    condition = ConditionSerializer(
        allow_null=True, help_text=_("Nur dann fragen; sonst wird die Antwort verworfen.")
    )
    minimum = serializers.FloatField(allow_null=True)
    maximum = serializers.FloatField(allow_null=True)
    unit = TextOrNull(help_text=_("Einheit einer Zahl, z. B. `cm`."))
    date_range = serializers.ChoiceField(
        choices=DateRange.choices, help_text=_("Welche Tage eine Datumsfrage annimmt.")
    )
    max_length = serializers.IntegerField(source="length_limit", allow_null=True)


class TimelyNoticeSerializer(OutputSerializer):
    """Something said for a time, an area or some hours."""

    text = serializers.CharField()
    contact = TextOrNull(help_text=_("Wohin man sich wenden kann."))
    phone = TextOrNull()
    url = TextOrNull()
    pauses = serializers.BooleanField(help_text=_("Solange wird diese Art nicht angeboten."))


class CategorySerializer(OutputSerializer):
    """A kind of report with everything a form needs."""

    code = serializers.CharField()
    name = serializers.CharField()
    description = TextOrNull()
    notice = TextOrNull(help_text=_("Vor dem Absenden zeigen."))
    keywords = serializers.ListField(child=serializers.CharField())
    icon = TextOrNull()
    publication = serializers.ChoiceField(choices=PublicationPolicy.choices, source="policy")
    publication_note = serializers.CharField(source="policy_label")
    is_danger = serializers.BooleanField()
    first_answer_hours = serializers.IntegerField(help_text=_("Ziel in Arbeitsstunden."))
    completion_hours = serializers.IntegerField(help_text=_("Ziel in Arbeitsstunden."))
    questions = QuestionSerializer(many=True)
    answers_schema = serializers.SerializerMethodField(
        help_text=_("JSON Schema (2020-12) für `answers` in `POST reports`.")
    )
    notices = TimelyNoticeSerializer(
        many=True, help_text=_("Was jetzt und, mit `lat` und `lon`, hier zu sagen ist.")
    )
    is_paused = serializers.BooleanField(help_text=_("Jetzt und hier nicht angeboten."))

    @extend_schema_field({"type": "object", "additionalProperties": True})
    def get_answers_schema(self, category: CategoryInfo) -> dict[str, Any]:
        """The schema of the answers."""
        return schema_of(category.questions)


class CategoryGroupSerializer(OutputSerializer):
    """A group of kinds of report."""

    code = serializers.CharField()
    name = serializers.CharField()
    description = TextOrNull()
    icon = TextOrNull()
    categories = CategorySerializer(many=True, source="children")


class CatalogueSerializer(OutputSerializer):
    """What can be reported in a municipality."""

    municipality = serializers.CharField()
    language = serializers.CharField(help_text=_("Sprache, in der gefragt wurde."))
    emergency_contact = TextOrNull(help_text=_("Rufnummer außerhalb der Dienstzeit."))
    groups = CategoryGroupSerializer(many=True)
    categories = CategorySerializer(many=True, help_text=_("Anliegenarten ohne Gruppe."))


class MunicipalitySerializer(OutputSerializer):
    """A municipality that takes part."""

    slug = serializers.CharField(help_text=_("Kurzname, auch Open311-Kennung."))
    name = serializers.CharField()
    official_name = serializers.CharField()
    state = serializers.CharField(help_text=_("Bundesland, ISO 3166-2 ohne `DE-`."))
    contact_email = serializers.EmailField()
    contact_phone = TextOrNull()
    website = TextOrNull()
    emergency_contact = TextOrNull()
    licence = serializers.CharField(help_text=_("Lizenz der offenen Daten."))
    center = serializers.SerializerMethodField(help_text=_("Kartenmitte: Länge, Breite."))
    bbox = serializers.SerializerMethodField(help_text=_("Rechteck: West, Süd, Ost, Nord."))
    categories_url = serializers.SerializerMethodField()

    @extend_schema_field(
        {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
    )
    def get_center(self, town: Any) -> list[float]:
        """Five decimals are about a metre."""
        return [round(town.lon, 5), round(town.lat, 5)]

    @extend_schema_field(
        {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4}
    )
    def get_bbox(self, town: Any) -> list[float]:
        """Five decimals are about a metre."""
        return [round(edge, 5) for edge in (town.west, town.south, town.east, town.north)]

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_categories_url(self, town: Any) -> str:
        """Where its catalogue is."""
        return f"{self.context['address']('categories')}?municipality={town.slug}"


class MunicipalityListSerializer(OutputSerializer):
    """The municipalities of this installation, or those at a place."""

    municipalities = MunicipalitySerializer(many=True)


class AddressStateSerializer(OutputSerializer):
    """What became of the address."""

    address_state = serializers.ChoiceField(choices=ADDRESS_STATES)


class FaultSerializer(OutputSerializer):
    """One fault; exactly one of pointer, parameter and header says where."""

    pointer = serializers.CharField(
        required=False, help_text=_("JSON-Zeiger in den Inhalt, z. B. `#/category`.")
    )
    parameter = serializers.CharField(required=False, help_text=_("Name des Parameters."))
    header = serializers.CharField(required=False, help_text=_("Name der Kopfzeile."))
    code = serializers.CharField(help_text=_("Stabiler Code des Fehlers."))
    detail = serializers.CharField(help_text=_("Deutscher Satz, zum Anzeigen."))
    detail_en = serializers.CharField(help_text=_("Derselbe Satz auf Englisch."))


class ElsewhereSerializer(OutputSerializer):
    """The municipality of this installation that a place belongs to."""

    slug = serializers.CharField()
    name = serializers.CharField()
    report_url = serializers.URLField(help_text=_("Wo man dort meldet."))
    categories_url = serializers.URLField()


@extend_schema_serializer(component_name="Problem")
class ProblemSerializer(OutputSerializer):
    """Problem details after RFC 9457, with texts in German and English."""

    type = serializers.URLField(help_text=_("Adresse der Erklärung."))
    title = serializers.CharField()
    title_en = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.ChoiceField(choices=PROBLEM_CODES, help_text=_("Stabiler Code."))
    detail = serializers.CharField(help_text=_("Deutscher Satz, zum Anzeigen."))
    detail_en = serializers.CharField()
    municipality = serializers.CharField(
        required=False, help_text=_("Kommune, in der der Ort wirklich liegt.")
    )
    elsewhere = ElsewhereSerializer(
        required=False, read_only=False, help_text=_("Dieselbe Kommune mit Namen und Adressen.")
    )
    errors = FaultSerializer(many=True)  # type: ignore[assignment]


class BatchResultSerializer(OutputSerializer):
    """What became of one report of several."""

    position = serializers.IntegerField(help_text=_("Die wievielte Meldung, ab 1."))
    key = TextOrNull()
    status = serializers.IntegerField(help_text=_("Status, als wäre sie einzeln gesendet worden."))
    replayed = serializers.BooleanField(help_text=_("Ob sie schon früher angenommen war."))
    receipt = ReceiptSerializer(allow_null=True)
    problem = ProblemSerializer(allow_null=True)
    retry_after = serializers.IntegerField(
        allow_null=True, help_text=_("Sekunden bis zum nächsten Versuch.")
    )


class BatchResultsSerializer(OutputSerializer):
    """What became of several reports, in the order they were sent."""

    results = BatchResultSerializer(many=True)


class NearbyReportSerializer(PublicReportSerializer):
    """A public report with what speaks for it being the one somebody is about to send."""

    score = serializers.SerializerMethodField(
        help_text=_("Wie viel dafür spricht, dass es dasselbe ist, 0 bis 100; ohne Art null.")
    )
    reason = serializers.SerializerMethodField(help_text=_("Dasselbe in Worten; ohne Art null."))

    @extend_schema_field({"type": ["integer", "null"]})
    def get_score(self, report: ReportFacts) -> int | None:
        """From distance, kind and age; words are not asked for in an address."""
        known = self.context["likeness"].get(report.number)
        return known.score if known else None

    @extend_schema_field({"type": ["string", "null"]})
    def get_reason(self, report: ReportFacts) -> str | None:
        """In the language of the answer."""
        known = self.context["likeness"].get(report.number)
        return known.reason if known else None


class NearbySerializer(OutputSerializer):
    """Open reports near a place."""

    municipality = serializers.CharField()
    radius_m = serializers.IntegerField(help_text=_("Der benutzte Umkreis in Metern."))
    incidents = NearbyIncidentSerializer(
        many=True, help_text=_("Ereignisse an dem Ort, zu denen die Anliegenart gehört.")
    )
    reports = NearbyReportSerializer(many=True)
