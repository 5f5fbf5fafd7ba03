"""The shapes of devices that want to be told. They describe and decide nothing."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from mobile_api.v1.fields import StrictSerializer, TextField
from mobile_api.v1.output import OutputSerializer


class DeviceKeysSerializer(StrictSerializer):
    """Keys of a device."""

    p256dh = TextField(
        max_length=100, help_text=_("Öffentlicher Schlüssel des Geräts (65 Bytes, Base64url).")
    )
    auth = TextField(max_length=40, help_text=_("Geheimnis des Geräts (16 Bytes, Base64url)."))


class DeviceSerializer(StrictSerializer):
    """A device, as `PushSubscription.toJSON()` of browsers describes it."""

    endpoint = TextField(max_length=1000, help_text=_("Adresse beim Push-Dienst des Geräts."))
    keys = DeviceKeysSerializer()
    expirationTime = serializers.FloatField(  # noqa: N815 - the browsers' own name
        required=False, allow_null=True, help_text=_("Wird angenommen und nicht beachtet.")
    )
    device = TextField(
        min_length=16,
        max_length=200,
        required=False,
        allow_null=True,
        help_text=_("Kennung des Geräts, mit der es der Meldung beigetreten ist."),
    )


class RegisteredSerializer(OutputSerializer):
    """A registered device."""

    id = serializers.UUIDField(help_text=_("Kennung, um das Gerät wieder abzumelden."))


class PushKeySerializer(OutputSerializer):
    """What a device needs to register."""

    public_key = serializers.CharField(
        allow_null=True,
        help_text=_("Für `applicationServerKey`; null, wo es keine Mitteilungen gibt."),
    )
