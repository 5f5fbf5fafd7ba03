"""The ways a message can travel: by e-mail, to a device, to a telephone.

Every channel offers the same three verbs (open, hand_over, close) and the same faults.
"""

import re
import time
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Protocol

from django.conf import settings
from django.utils import timezone

from notifications import gateway, push_service
from notifications.faults import Fault, RecipientGone, TemporaryFailure
from notifications.models import Channel, Message, PushSubscription
from notifications.outbox import SENDER
from notifications.rendering import SIGNATURE_MARK, Rendered, render
from notifications.smtp import SmtpRelay
from notifications.values import one_line

_PUSHED = ("number", "status")
_FOR_A_HEADER = re.compile(r"https?://[!-~]+")


class Carrier(Protocol):
    """Carries messages of one channel."""

    channel: Channel

    def open(self) -> None:
        """Get ready; raises TemporaryFailure (UNREACHABLE) where nothing could be carried now."""

    def hand_over(self, message: Message, *, until: float) -> None:
        """Give a message away by the time.monotonic() `until`; raises NotHandedOver."""

    def close(self) -> None:
        """Done for now."""


class PushCarrier:
    """Carries messages to devices, each by the push service of its own."""

    channel = Channel.PUSH

    def open(self) -> None:
        """Raises TemporaryFailure (UNREACHABLE) while there is no key to sign with."""
        if not settings.VAPID_KEY:
            raise TemporaryFailure(Fault.UNREACHABLE, "no key")

    def hand_over(self, message: Message, *, until: float) -> None:
        """Give a message to the push service; a device that has gone is forgotten."""
        if until - time.monotonic() < 2 * settings.PUSH_TIMEOUT_SECONDS:
            raise TemporaryFailure(Fault.NO_TIME)
        device = _device_of(message)
        try:
            push_service.hand_over(device, {name: message.context[name] for name in _PUSHED})
        except RecipientGone:
            device.delete()
            raise

    def close(self) -> None:
        """Nothing is kept open."""


class CallCarrier:
    """Carries short texts to telephones, by the gateway of the installation."""

    channel = Channel.CALL

    def __init__(self, by: gateway.Gateway | None = None) -> None:
        self._gateway = by or gateway.HttpGateway()

    def open(self) -> None:
        """Raises TemporaryFailure (UNREACHABLE) while no gateway is named."""
        if not gateway.is_offered():
            raise TemporaryFailure(Fault.UNREACHABLE, "no gateway")

    def hand_over(self, message: Message, *, until: float) -> None:
        """Give a message to the gateway; faults as there."""
        if until - time.monotonic() < 2 * settings.ALARM_GATEWAY_SECONDS:
            raise TemporaryFailure(Fault.NO_TIME)
        if not message.recipient:  # erased meanwhile
            raise RecipientGone(Fault.ERASED)
        rendered = render(message)
        text, _mark, _footer = rendered.body.partition(f"\n\n{SIGNATURE_MARK}")
        self._gateway.hand_over(
            message_id=message.message_id,
            number=message.recipient,
            text=one_line(text),
            language=rendered.language,
        )

    def close(self) -> None:
        """Nothing is kept open."""


def _device_of(message: Message) -> PushSubscription:
    # An erased message names nobody any more.
    pk = int(message.recipient) if message.recipient.isdecimal() else 0
    device = PushSubscription.objects.filter(pk=pk).first()
    if device is None:
        raise RecipientGone(Fault.GONE)
    return device


class MailCarrier:
    """Carries messages to the mail relay, over one connection as long as it goes well."""

    channel = Channel.EMAIL

    def __init__(self) -> None:
        self._relay = SmtpRelay()

    def open(self) -> None:
        """Reach the relay; raises TemporaryFailure (UNREACHABLE)."""
        self._relay.open()

    def hand_over(self, message: Message, *, until: float) -> None:
        """Give a message to the relay; faults as in SmtpRelay.hand_over."""
        content = mail_bytes(message, render(message))
        self._relay.hand_over(
            str(_sender_address().addr_spec), in_ascii(message.recipient), content, until=until
        )

    def close(self) -> None:
        """Take leave of the relay."""
        self._relay.close()


def mail_bytes(message: Message, rendered: Rendered) -> bytes:
    """The mail as RFC 5322 bytes with CRLF lines; the same Message-ID at every attempt.

    Automatic answers are asked to stay away (Auto-Submitted, RFC 3834). List-Unsubscribe
    (RFC 2369) is there only where the link leads to a real way out; over HTTPS one POST without
    any question is enough (RFC 8058).
    """
    mail = EmailMessage(policy=SMTP)
    mail["Date"] = format_datetime(timezone.localtime())
    mail["From"] = _sender_address(f"{message.municipality.official_name} – Mängelmelder")
    mail["Reply-To"] = Address(addr_spec=in_ascii(message.municipality.contact_email))
    mail["To"] = Address(addr_spec=in_ascii(message.recipient))
    mail["Subject"] = one_line(rendered.subject)
    mail["Message-ID"] = message.message_id
    mail["Auto-Submitted"] = "auto-generated"
    mail["Content-Language"] = rendered.language
    mail.set_content(rendered.body, charset="utf-8", cte="quoted-printable")
    # Written by hand, because the library would encode a long address word by word.
    return _way_out_header(rendered.way_out) + mail.as_bytes()


def in_ascii(address: str) -> str:
    """An address with its domain in ASCII (IDNA); raises UnicodeError for another local part."""
    local, _at, domain = address.rpartition("@")
    return f"{local.encode('ascii').decode()}@{domain.encode('idna').decode()}"


def _sender_address(name: str = "") -> Address:
    domain = settings.MAIL_FROM_DOMAIN.encode("idna").decode()
    return Address(display_name=one_line(name), username=SENDER, domain=domain)


def _way_out_header(link: str) -> bytes:
    if not _FOR_A_HEADER.fullmatch(link):
        return b""
    header = f"List-Unsubscribe: <{link}>\r\n"
    if link.startswith("https://"):  # RFC 8058, 3.1
        header += "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    return header.encode()
