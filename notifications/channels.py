"""The ways a message can travel. So far there is one: e-mail.

A further channel offers the same three verbs (open, hand_over, close) and the same faults.
"""

import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from django.conf import settings
from django.utils import timezone

from notifications.models import Message
from notifications.rendering import Rendered
from notifications.smtp import SmtpRelay
from notifications.values import one_line

SENDER = "maengelmelder"
_FOR_A_HEADER = re.compile(r"https?://[!-~]+")


class MailCarrier:
    """Carries messages to the mail relay, over one connection as long as it goes well."""

    def __init__(self) -> None:
        self._relay = SmtpRelay()

    def open(self) -> None:
        """Reach the relay; raises TemporaryFailure (UNREACHABLE)."""
        self._relay.open()

    def hand_over(self, message: Message, rendered: Rendered, *, until: float) -> None:
        """Give a message to the relay; faults as in SmtpRelay.hand_over."""
        content = mail_bytes(message, rendered)
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
