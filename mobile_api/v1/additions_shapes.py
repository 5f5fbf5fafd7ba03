"""The shapes of what is done with a receipt, and of joining in; they decide nothing."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from mobile_api.v1.fields import AddressField, PhotoField, StrictSerializer, TextField
from mobile_api.v1.output import OutputSerializer, TextOrNull
from reports.draft import TEXT_LIMIT
from reports.lifecycle import Status
from reports.participation import ObjectionPart, Wish

ADDED_STATES = ["accepted", "refused"]
SUPPORT_STATES = ["asked", "counted", "left"]
RECEIPT_ACTIONS = [
    "add_text",
    "add_photos",
    "answer",
    "withdraw",
    "object",
    "give_feedback",
    "choose_messages",
]


# In


class NothingSerializer(StrictSerializer):
    """A request that needs no content."""


class MessageSerializer(StrictSerializer):
    """Words for the office."""

    text = TextField(
        lines=100,
        max_length=TEXT_LIMIT,
        help_text=_("Nachricht an die Verwaltung; nie öffentlich."),
    )


class QuestionAnswerSerializer(StrictSerializer):
    """An answer to a question of the office."""

    text = TextField(lines=100, max_length=TEXT_LIMIT, help_text=_("Die Antwort; nie öffentlich."))
    question = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=1_000_000,
        help_text=_("`question.id` der Meldung; ohne Angabe die offene Frage."),
    )


class ObjectionSerializer(StrictSerializer):
    """What is not to be public any more."""

    parts = serializers.ListField(
        child=serializers.ChoiceField(choices=ObjectionPart.choices),
        min_length=1,
        max_length=3,
        help_text=_("Was nicht öffentlich sein soll."),
    )
    reason = TextField(
        lines=100,
        max_length=TEXT_LIMIT,
        required=False,
        allow_null=True,
        allow_blank=True,
        help_text=_("Warum; freiwillig, nur für die Verwaltung."),
    )


class SharingSerializer(StrictSerializer):
    """Whether one body may know who reported."""

    id = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, help_text=_("Aus `sharing` der Quittung.")
    )
    is_allowed = serializers.BooleanField(
        help_text=_("Ob diese Stelle Name und Kontakt erfahren darf.")
    )


class FeedbackSerializer(StrictSerializer):
    """The answer to "Stimmt das?"."""

    is_fixed = serializers.BooleanField(help_text=_("Ob es vor Ort in Ordnung ist."))
    satisfaction = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=5,
        help_text=_("Zufriedenheit von 1 (schlecht) bis 5 (gut); freiwillig."),
    )
    text = TextField(
        lines=100,
        max_length=TEXT_LIMIT,
        required=False,
        allow_null=True,
        allow_blank=True,
        help_text=_("Ein paar Worte dazu; freiwillig, nie öffentlich."),
    )


class WishSerializer(StrictSerializer):
    """Which messages somebody would like."""

    wants = serializers.ChoiceField(choices=Wish.choices)


class AddedPhotosSerializer(serializers.Serializer[None]):
    """More photos for a report."""

    photos = serializers.ListField(
        child=PhotoField(),
        max_length=settings.PHOTO_LIMIT,
        help_text=_("Bis zu fünf Teile namens `photos`: JPEG, PNG oder WebP, je höchstens 15 MB."),
    )
    replaces = serializers.IntegerField(
        required=False,
        help_text=_("Nummer des nicht lesbaren Fotos, das das erste dieser Fotos ersetzt."),
    )


class SupportSerializer(StrictSerializer):
    """Somebody else is affected; exactly one of `email` and `device`."""

    email = AddressField(
        max_length=254,
        required=False,
        allow_null=True,
        help_text=_("Bekommt einen Link zur Bestätigung und erfährt, wie es weitergeht."),
    )
    device = TextField(
        min_length=16,
        max_length=200,
        required=False,
        allow_null=True,
        help_text=_(
            "Zufällige Kennung, die die App für das Gerät vergibt; wir behalten ihren Hash."
        ),
    )


class SupportCodeSerializer(StrictSerializer):
    """The link of a mail, in its parts."""

    support = serializers.IntegerField(
        min_value=1, max_value=2**62, help_text=_("Die Zahl in der Adresse des Links.")
    )
    code = TextField(max_length=60, help_text=_("Code aus dem Link der E-Mail."))


class LeaveSerializer(StrictSerializer):
    """Who leaves: a device, or somebody with the link of a mail."""

    device = TextField(min_length=16, max_length=200, required=False, allow_null=True)
    support = serializers.IntegerField(
        min_value=1, max_value=2**62, required=False, allow_null=True
    )
    code = TextField(max_length=60, required=False, allow_null=True)


# Out


class AdditionSerializer(OutputSerializer):
    """What an addition has led to."""

    status = serializers.ChoiceField(choices=Status.choices, help_text=_("Stand danach."))


class AddedPhotoSerializer(OutputSerializer):
    """What became of one photo of the request."""

    position = serializers.IntegerField(help_text=_("Der wievielte Teil `photos`, ab 1."))
    state = serializers.ChoiceField(choices=ADDED_STATES)
    ordinal = serializers.IntegerField(
        allow_null=True, help_text=_("Nummer des Fotos in der Meldung.")
    )
    code = TextOrNull(help_text=_("Warum abgelehnt, z. B. `heic_not_accepted`."))
    message = TextOrNull(help_text=_("Derselbe Grund als Satz für die meldende Person."))


class AdditionWithPhotosSerializer(AdditionSerializer):
    """What became of more photos."""

    photos = AddedPhotoSerializer(many=True)


class ObjectionStateSerializer(OutputSerializer):
    """What is not public any more."""

    parts = serializers.ListField(child=serializers.ChoiceField(choices=ObjectionPart.choices))


class SharingStateSerializer(OutputSerializer):
    """What was said about one body."""

    id = serializers.IntegerField(source="body_id")
    name = serializers.CharField()
    is_allowed = serializers.BooleanField()


class SharingGivenSerializer(OutputSerializer):
    """The decision as it was kept."""

    id = serializers.IntegerField()
    is_allowed = serializers.BooleanField()


class FeedbackGivenSerializer(AdditionSerializer):
    """The answer as it was kept."""

    is_fixed = serializers.BooleanField()


class WishStateSerializer(OutputSerializer):
    """Which messages somebody gets."""

    wants = serializers.ChoiceField(choices=Wish.choices)


class SupportStateSerializer(OutputSerializer):
    """What became of joining in."""

    state = serializers.ChoiceField(
        choices=SUPPORT_STATES,
        help_text=_("`asked`: ein Link ging an die Adresse; `counted`: es zählt; `left`: vorbei."),
    )


class OpenQuestionSerializer(OutputSerializer):
    """What the office wants to know."""

    id = serializers.IntegerField(help_text=_("Für `POST …/answer`."))
    asked_at = serializers.DateTimeField()
    text = TextOrNull()


class ForecastSerializer(OutputSerializer):
    """What can be expected until when."""

    first_answer_by = serializers.DateTimeField(
        allow_null=True, help_text=_("Zugesagte erste Antwort, solange sie aussteht.")
    )
    done_by = serializers.DateTimeField(allow_null=True, help_text=_("Zugesagter Abschluss."))
    is_overdue = serializers.BooleanField(help_text=_("Ob eine Zusage nicht gehalten ist."))
    is_paused = serializers.BooleanField(help_text=_("Ob die Frist ruht, bis eine Antwort kommt."))
    sentence = TextOrNull(help_text=_("Dasselbe als Satz."))


class FeedbackStateSerializer(OutputSerializer):
    """Whether "Stimmt das?" is asked, and what was answered."""

    open_until = serializers.DateTimeField(
        allow_null=True, help_text=_("Bis dann wird gefragt; null: es wird nicht gefragt.")
    )
    is_fixed = serializers.BooleanField(allow_null=True)
    satisfaction = serializers.IntegerField(allow_null=True)
