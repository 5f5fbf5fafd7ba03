"""An SMTP server that keeps every mail, shows it on a page, and can misbehave on order.

As a program (`python -m deploy.local.mailsink`) it serves the demo; tests use `MailSink` in
their own process. Everything listens on loopback only.
"""

import argparse
import asyncio
import contextlib
import email
import email.policy
import json
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.local.mailpage import Page

LOOPBACK = "127.0.0.1"
KEPT_AT_MOST = 20_000
REPLIES = {
    "421": "421 4.3.2 Service not available, closing channel",
    "451": "451 4.3.0 Temporary failure, try again later",
    "550": "550 5.1.1 No such mailbox",
    "552": "552 5.3.4 Message too big",
}
MODES = (
    "normal",
    "slow",
    *REPLIES,
    "drop_before_data",
    "drop_after_data",
    "accept_then_hang",
)


@dataclass(frozen=True)
class Mail:
    """One accepted mail. `to` are the envelope's recipients, times are UTC."""

    id: int
    message_id: str
    to: tuple[str, ...]
    sender: str
    subject: str
    date: str
    received_at: str
    body: str
    raw: bytes = field(repr=False)

    def as_json(self) -> dict[str, Any]:
        """Return the public shape, without the raw bytes."""
        shape = asdict(self)
        del shape["raw"]
        shape["from"] = shape.pop("sender")
        shape["to"] = list(self.to)
        return shape

    def goes_to(self, part: str) -> bool:
        """Say whether a recipient's address contains this text."""
        return any(part.lower() in address.lower() for address in self.to)


@dataclass
class Mode:
    """How the server behaves.

    `count` is how many mails (or sessions, for 421) it still concerns, None for all;
    `delay` the seconds of `slow` and `accept_then_hang`; `recipient`, if given, a part of the
    addresses it is limited to."""

    name: str = "normal"
    count: int | None = None
    delay: float = 5.0
    recipient: str = ""

    def __post_init__(self) -> None:
        if self.name not in MODES:
            raise ValueError(f"mode must be one of {', '.join(MODES)}, not {self.name!r}")


class MailSink:
    """The server with its page; `start` and `stop` may be called from any thread.

    `store` is a folder for `.eml` files, None keeps mails in memory only. A port 0 means a free
    one; `page_port` None means no page."""

    def __init__(
        self, *, store: Path | None = None, smtp_port: int = 0, page_port: int | None = None
    ) -> None:
        self.smtp_port = smtp_port
        self.page_port = page_port
        self.mode = Mode()
        self._store = store
        self._mails: list[Mail] = []
        self._changed = threading.Condition()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._page: Page | None = None
        self._next_id = 1

    def __enter__(self) -> "MailSink":
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    @property
    def messages(self) -> list[Mail]:
        """All accepted mails, oldest first."""
        with self._changed:
            return list(self._mails)

    def find(self, *, to: str = "", since: str = "") -> list[Mail]:
        """Return mails, oldest first: to addresses containing `to`; later than `since`, which
        is an ISO time or the number of a mail."""
        later = _later_than(since)
        return [mail for mail in self.messages if mail.goes_to(to) and later(mail)]

    def wait_for(self, count: int = 1, *, to: str = "", timeout: float = 10.0) -> list[Mail]:
        """Wait until `count` mails to addresses containing `to` are there and return them.

        Raises TimeoutError with what did arrive."""
        with self._changed:
            if self._changed.wait_for(lambda: len(self.find(to=to)) >= count, timeout):
                return self.find(to=to)
        there = [(mail.to, mail.subject) for mail in self.messages]
        raise TimeoutError(f"{count} mails to {to!r} expected within {timeout} s, got {there}")

    def clear(self) -> None:
        """Forget all mails, and delete their files."""
        with self._changed:
            for path in self._store.glob("*.eml") if self._store else []:
                path.unlink(missing_ok=True)
                path.with_suffix(".json").unlink(missing_ok=True)
            self._mails.clear()
            self._changed.notify_all()

    def set_mode(
        self, name: str, *, count: int | None = None, delay: float = 5.0, recipient: str = ""
    ) -> None:
        """Misbehave from now on; raises ValueError for an unknown mode."""
        self.mode = Mode(name, count, delay, recipient)

    def start(self) -> None:
        """Listen; the ports are known afterwards and stay the same after `stop` and `start`.

        Raises OSError where a port is taken."""
        self._load()
        listener = socket.create_server((LOOPBACK, self.smtp_port), backlog=128)
        self.smtp_port = listener.getsockname()[1]
        self._loop, running = asyncio.new_event_loop(), threading.Event()
        self._thread = threading.Thread(
            target=_serve, args=(self, self._loop, listener, running), daemon=True
        )
        self._thread.start()
        running.wait(10)
        if self.page_port is not None:
            self._page = Page(self, self.page_port)
            self.page_port = self._page.start()

    def stop(self) -> None:
        """Close everything, connections that hang included."""
        if self._page is not None:
            self._page.stop()
            self._page = None
        if self._thread is not None and self._loop is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(10)
            self._thread = None

    def applies(self, name: str, recipients: list[str]) -> bool:
        """Say whether the mode concerns these recipients now, and count it if so."""
        mode = self.mode
        if mode.name != name or mode.count == 0:
            return False
        if mode.recipient and not any(mode.recipient in address for address in recipients):
            return False
        if mode.count is not None:
            mode.count -= 1
        return True

    def keep(self, sender: str, recipients: list[str], raw: bytes) -> None:
        """Take a mail over, on disk first: what we accept must not be lost."""
        with self._changed:
            mail = _read(self._next_id, sender, tuple(recipients), raw)
            self._next_id += 1
            if self._store is not None:
                path = self._store / f"{mail.id:08d}.eml"
                path.write_bytes(raw)
                about = json.dumps(mail.as_json(), ensure_ascii=False, indent=1)
                path.with_suffix(".json").write_text(about, encoding="utf-8")
            self._mails.append(mail)
            del self._mails[:-KEPT_AT_MOST]
            self._changed.notify_all()

    def _load(self) -> None:
        if self._store is None or self._mails:
            return
        self._store.mkdir(parents=True, mode=0o700, exist_ok=True)
        for path in sorted(self._store.glob("*.eml")):
            with contextlib.suppress(OSError, ValueError, KeyError):
                about = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
                about |= {"sender": about.pop("from"), "to": tuple(about["to"])}
                self._mails.append(Mail(**about, raw=path.read_bytes()))
                self._next_id = int(path.stem) + 1


def _serve(
    sink: MailSink,
    loop: asyncio.AbstractEventLoop,
    listener: socket.socket,
    running: threading.Event,
) -> None:
    """Run the server in this thread until its loop is stopped; leaves nothing open."""
    asyncio.set_event_loop(loop)
    server = loop.run_until_complete(
        loop.create_server(lambda: _Conversation(sink, loop), sock=listener)
    )
    loop.call_soon(running.set)
    loop.run_forever()
    server.close()
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    loop.close()


class _Conversation(SMTP):
    """One SMTP session; asks the sink how to behave."""

    def __init__(self, sink: MailSink, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            _Hooks(sink), enable_SMTPUTF8=True, hostname="localhost", timeout=600, loop=loop
        )
        self._sink = sink

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - the name is the library's
        """Drop the connection before any byte of the mail, if that is the mode."""
        recipients = list(self.envelope.rcpt_tos) if self.envelope else []
        if recipients and self._sink.applies("drop_before_data", recipients):
            _hang_up(self)
            return
        await super().smtp_DATA(arg)


class _Hooks:
    """What aiosmtpd calls for each command."""

    def __init__(self, sink: MailSink) -> None:
        self._sink = sink

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept the sender, or close the channel."""
        if self._sink.mode.name == "421" and self._sink.applies("421", []):
            asyncio.get_running_loop().call_later(0.05, _hang_up, server)
            return REPLIES["421"]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept a recipient, or refuse for now or for ever."""
        for name in ("451", "550"):
            if self._sink.applies(name, [address]):
                return REPLIES[name]
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep the mail; then answer, be slow, hang up or say nothing."""
        sink, recipients = self._sink, list(envelope.rcpt_tos)
        if sink.applies("552", recipients):
            return REPLIES["552"]
        if sink.applies("slow", recipients):
            await asyncio.sleep(sink.mode.delay)
        sink.keep(envelope.mail_from or "", recipients, envelope.original_content or b"")
        if sink.applies("drop_after_data", recipients):
            _hang_up(server)
        if sink.applies("accept_then_hang", recipients):
            await asyncio.sleep(sink.mode.delay)
            _hang_up(server)
        return "250 OK: kept"


def _hang_up(server: SMTP) -> None:
    """Break the connection without a word."""
    if isinstance(server.transport, asyncio.WriteTransport):
        server.transport.abort()


def _read(number: int, sender: str, recipients: tuple[str, ...], raw: bytes) -> Mail:
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    return Mail(
        id=number,
        message_id=_header(parsed, "Message-ID"),
        to=recipients,
        sender=_header(parsed, "From") or sender,
        subject=_header(parsed, "Subject"),
        date=_header(parsed, "Date"),
        received_at=datetime.now(UTC).isoformat(),
        body=_text(parsed),
        raw=raw,
    )


def _header(parsed: EmailMessage, name: str) -> str:
    """Return a header's text; a broken one must not cost the mail."""
    with contextlib.suppress(Exception):
        return str(parsed[name] or "").strip()
    return "(unreadable)"


def _text(parsed: EmailMessage) -> str:
    """Return the plain text, or the source of another text part where there is none."""
    with contextlib.suppress(Exception):
        part = parsed.get_body(("plain", "html"))
        return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""
    return "(unreadable)"


def _later_than(since: str) -> Callable[[Mail], bool]:
    if not since:
        return lambda _mail: True
    if since.isdecimal():
        return lambda mail: mail.id > int(since)
    moment = datetime.fromisoformat(since.replace(" ", "+"))
    begin = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return lambda mail: datetime.fromisoformat(mail.received_at) > begin


def main() -> None:
    """Serve until TERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smtp-port", type=int, default=0)
    parser.add_argument("--page-port", type=int, default=0)
    parser.add_argument("--store", type=Path)
    options = parser.parse_args()
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    sink = MailSink(store=options.store, smtp_port=options.smtp_port, page_port=options.page_port)
    with sink:
        print(f"SMTP on {LOOPBACK}:{sink.smtp_port}, page on port {sink.page_port}", flush=True)
        while not over.wait(3600):
            time.sleep(0)


if __name__ == "__main__":
    main()
