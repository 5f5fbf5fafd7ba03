"""Hands a mail to the relay and always knows in which phase it failed.

Until the final dot has been sent, nothing can have been accepted: any failure may be tried again.
Once it has, only the relay's answer tells. So the dot is sent on its own, and only while
enough of the lease is left to wait for the answer and to write it down.
"""

import contextlib
import re
import select
import smtplib
import socket
import time

from django.conf import settings

from notifications.faults import Fault, OutcomeUnknown, PermanentFailure, TemporaryFailure

_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
_ENHANCED = re.compile(rb"\s*([245]\.\d{1,3}\.\d{1,3})\b")
_SHORTEST_WAIT = 0.05
_LEAVE_SECONDS = 1.0


class SmtpRelay:
    """One connection to EMAIL_HOST, opened when needed and given up after every failure."""

    def __init__(self) -> None:
        self._smtp: smtplib.SMTP | None = None

    def open(self) -> None:
        """Have a connection that answers; raises TemporaryFailure (UNREACHABLE)."""
        if self._smtp is not None and self._still_answers(self._smtp):
            return
        self._drop()
        smtp = smtplib.SMTP(
            local_hostname=settings.MAIL_FROM_DOMAIN, timeout=settings.SMTP_TIMEOUT_SECONDS
        )
        try:
            code, reply = smtp.connect(settings.EMAIL_HOST, settings.EMAIL_PORT)
            if code == 220:
                code, reply = smtp.ehlo()
                if code != 250:
                    code, reply = smtp.helo()
        except OSError as error:
            smtp.close()
            raise TemporaryFailure(Fault.UNREACHABLE, type(error).__name__) from None
        if code not in {220, 250}:
            smtp.close()
            raise TemporaryFailure(Fault.UNREACHABLE, _codes("HELO", code, reply))
        _socket_of(smtp).setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._smtp = smtp

    def hand_over(self, sender: str, recipient: str, content: bytes, *, until: float) -> None:
        """Give one mail (CRLF lines) to the relay; returns when it has taken responsibility.

        `until` is the time.monotonic() by which the answer must be known. Raises
        TemporaryFailure, PermanentFailure, OutcomeUnknown; the connection is then given up, so
        that one failure never touches the next mail.
        """
        self.open()
        assert self._smtp is not None  # noqa: S101 - open() has just seen to it
        dialogue_until = min(time.monotonic() + settings.SMTP_TIMEOUT_SECONDS, until)
        try:
            self._announce(self._smtp, sender, recipient, dialogue_until)
            self._send_content(self._smtp, content, dialogue_until)
            self._finish(self._smtp, until)
        except BaseException:
            self._drop()
            raise

    def close(self) -> None:
        """Take leave of the relay."""
        if self._smtp is not None:
            with contextlib.suppress(OSError):
                _socket_of(self._smtp).settimeout(_LEAVE_SECONDS)
                self._smtp.quit()
        self._drop()

    def _drop(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()

    def _still_answers(self, smtp: smtplib.SMTP) -> bool:
        with contextlib.suppress(OSError):
            _socket_of(smtp).settimeout(settings.SMTP_TIMEOUT_SECONDS)
            return smtp.rset()[0] == 250
        return False

    def _announce(self, smtp: smtplib.SMTP, sender: str, recipient: str, until: float) -> None:
        # All mails have the same sender: to refuse it is a fault of the set-up, 421 of the relay.
        _ask(smtp, f"MAIL FROM:<{sender}>", 250, until, about_relay=True)
        _ask(smtp, f"RCPT TO:<{recipient}>", 250, until)
        _ask(smtp, "DATA", 354, until)

    def _send_content(self, smtp: smtplib.SMTP, content: bytes, until: float) -> None:
        _limit(smtp, until)
        try:
            smtp.send(_LEADING_DOT.sub(b"..", content))
        except OSError as error:
            raise TemporaryFailure(Fault.CUT, f"content {type(error).__name__}") from None

    def _finish(self, smtp: smtplib.SMTP, until: float) -> None:
        wait = settings.SMTP_DATA_TIMEOUT_SECONDS
        if until - time.monotonic() < wait:
            raise TemporaryFailure(Fault.NO_TIME)
        if _has_spoken(smtp):  # it hung up or complained; without the dot it cannot have accepted
            raise TemporaryFailure(Fault.CUT, "content")
        _socket_of(smtp).settimeout(wait)
        try:
            smtp.send(b".\r\n")
        except OSError as error:  # three bytes that were not taken cannot have ended the mail
            raise TemporaryFailure(Fault.CUT, f"end {type(error).__name__}") from None
        try:
            code, reply = smtp.getreply()
        except OSError as error:
            raise OutcomeUnknown(Fault.UNANSWERED, type(error).__name__) from None
        if code // 100 not in {2, 4, 5}:
            raise OutcomeUnknown(Fault.UNANSWERED, _codes("end", code, reply))
        if code // 100 != 2:
            _judge("end", code, reply, 250)


def _ask(
    smtp: smtplib.SMTP, command: str, wanted: int, until: float, *, about_relay: bool = False
) -> None:
    """Send one command of the dialogue and insist on its answer."""
    step = command.partition(" ")[0]
    _limit(smtp, until)
    try:
        code, reply = smtp.docmd(command)
    except OSError as error:
        raise TemporaryFailure(Fault.CUT, f"{step} {type(error).__name__}") from None
    if about_relay and code == 421:
        raise TemporaryFailure(Fault.UNREACHABLE, _codes(step, code, reply))
    if about_relay and code != wanted:
        raise TemporaryFailure(Fault.DEFERRED, _codes(step, code, reply))
    _judge(step, code, reply, wanted)


def _judge(step: str, code: int, reply: bytes, wanted: int) -> None:
    """Return if the answer is the wanted one or its sister (250 and 251), else raise."""
    if code // 10 == wanted // 10:
        return
    if 500 <= code < 600:
        raise PermanentFailure(Fault.REFUSED, _codes(step, code, reply))
    raise TemporaryFailure(Fault.DEFERRED, _codes(step, code, reply))


def _codes(step: str, code: int, reply: bytes) -> str:
    """`RCPT 550 5.1.1`: the reply without its words."""
    enhanced = _ENHANCED.match(reply)
    return f"{step} {code} {enhanced[1].decode() if enhanced else ''}".strip()


def _has_spoken(smtp: smtplib.SMTP) -> bool:
    readable, _writable, _broken = select.select([_socket_of(smtp)], [], [], 0)
    return bool(readable)


def _limit(smtp: smtplib.SMTP, until: float) -> None:
    _socket_of(smtp).settimeout(max(until - time.monotonic(), _SHORTEST_WAIT))


def _socket_of(smtp: smtplib.SMTP) -> socket.socket:
    if smtp.sock is None:
        raise smtplib.SMTPServerDisconnected
    return smtp.sock
