"""Takes a mail apart, whatever it looks like. Nothing here raises for what somebody sent.

Headers may be broken, charsets wrong, parts nested a thousand deep: then less is understood, and
a person reads the rest. Only bytes go in and values come out.
"""

import hashlib
import re
from collections.abc import Iterator
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from email.utils import getaddresses

from postbox.bounces import bounced_ids, is_bounce
from postbox.html_text import text_of_html
from postbox.quoting import own_words
from reports.incoming import MailFile, ReceivedMail

TEXT_LIMIT, SUBJECT_LIMIT, NAME_LIMIT = 20_000, 300, 120
HTML_LIMIT, HEADER_LIMIT = 500_000, 20_000
MOST_PARTS, MOST_FILES = 200, 20
# A picture that is shown inside the text and is this small is the logo of somebody's signature.
DECORATION_BYTES = 20_000
_NUMBER = re.compile(r"\b([A-ZÄÖÜ]{1,5}-\d{4}-\d{6,12})\b", re.IGNORECASE)
# As accounts/derived_codes.py writes them; where a mail program broke the line, dashes remain.
_CODE = re.compile(r"\b([2-9A-HJ-NP-Z]{5}(?:-\s?[2-9A-HJ-NP-Z]{5}){4})\b")
_MESSAGE_ID = re.compile(r"<[^<>\s]{3,250}>")
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
# What a broken mail can make the library raise; LookupError for charsets nobody knows.
_BROKEN = (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError)


def parse(raw: bytes, *, recipient: str = "", is_cut: bool = False) -> ReceivedMail:
    """Take a mail apart; `recipient` is the envelope's, where the way in knows it.

    `is_cut` says that the bytes are only the beginning of it.
    """
    try:
        message: Message = BytesParser(policy=compat32).parsebytes(raw)
        parts = list(_leaves(message))
    except _BROKEN:
        return _unreadable(raw, is_cut=is_cut)
    body = _body(parts)
    name, address = _sender(message)
    subject = _line(_header(message, "Subject"), SUBJECT_LIMIT)
    to = " ".join([recipient, *(_header(message, each) for each in _RECIPIENTS)])
    references = _ids(f"{_header(message, 'In-Reply-To')} {_header(message, 'References')}")
    came_back = is_bounce(message)
    return ReceivedMail(
        key=_key(message, raw),
        sender_email=address,
        sender_name=name,
        subject=subject,
        body=body[:TEXT_LIMIT],
        reply=own_words(body[:TEXT_LIMIT]),
        references=references,
        bounced=bounced_ids(message, parts) if came_back else (),
        numbers=_numbers(to, subject),
        codes=_codes(to, subject, body[:TEXT_LIMIT]),
        files=tuple(_files(parts)),
        is_bounce=came_back,
        is_automatic=_is_automatic(message, address),
        is_spam=_is_spam(message),
        is_cut=is_cut or len(body) > TEXT_LIMIT,
    )


_MASS_MARKS = (
    "List-Id",
    "List-Unsubscribe",
    "X-Autoreply",
    "X-Autorespond",
    "X-Auto-Response-Suppress",
)
_RECIPIENTS = ("Delivered-To", "X-Original-To", "To", "Cc")


def _leaves(message: Message) -> Iterator[Message]:
    """The parts without parts, in order. Not message.walk(), which recurses."""
    waiting, seen = [message], 0
    while waiting and seen < MOST_PARTS:
        part = waiting.pop(0)
        inner = part.get_payload()
        seen += 1
        if part.is_multipart() and isinstance(inner, list):
            waiting[:0] = [each for each in inner if isinstance(each, Message)]
        else:
            yield part


def _body(parts: list[Message]) -> str:
    """The text a person wrote: plain where there is any, else the words of the HTML."""
    shown = [part for part in parts if not _is_file(part)]
    for kind, reading in (("text/plain", _text), ("text/html", _html)):
        texts = [reading(part) for part in shown if part.get_content_type() == kind]
        joined = "\n\n".join(text for text in texts if text.strip())
        if joined:
            return joined.strip()
    return ""


def _text(part: Message) -> str:
    return _storable(_decoded(part))


def _html(part: Message) -> str:
    return _storable(text_of_html(_decoded(part)[:HTML_LIMIT]))


def _decoded(part: Message) -> str:
    content = _content(part)
    try:
        return content.decode(part.get_content_charset("utf-8"))
    except (LookupError, ValueError):
        pass
    try:
        return content.decode("utf-8")
    except ValueError:
        return content.decode("cp1252", "replace")


def _content(part: Message) -> bytes:
    try:
        content = part.get_payload(decode=True)
    except _BROKEN:
        content = None
    if isinstance(content, bytes):
        return content
    return str(part.get_payload()).encode("utf-8", "replace")


def _is_file(part: Message) -> bool:
    if part.get_content_disposition() == "attachment":
        return True
    return part.get_content_maintype() != "text" or bool(_file_name(part))


def _files(parts: list[Message]) -> Iterator[MailFile]:
    taken = 0
    for part in parts:
        if taken >= MOST_FILES or not _is_file(part) or part.get_content_maintype() == "multipart":
            continue
        content = _content(part)
        if not content:
            continue
        taken += 1
        inside = part.get_content_disposition() == "inline" or "Content-ID" in part
        yield MailFile(
            name=_file_name(part) or f"{taken}.{part.get_content_subtype()[:20]}",
            content=content,
            is_decoration=inside and len(content) < DECORATION_BYTES,
        )


def _file_name(part: Message) -> str:
    try:
        name = part.get_filename() or ""
        return _line(str(make_header(decode_header(name))), NAME_LIMIT).replace("/", "_")
    except _BROKEN:
        return ""


def _sender(message: Message) -> tuple[str, str]:
    found = getaddresses([_header(message, "From")])
    name, address = found[0] if found else ("", "")
    address = address.strip() if "@" in address and len(address) <= 254 else ""
    return _line(name, NAME_LIMIT), _line(address, 254)


def _header(message: Message, name: str) -> str:
    """All headers of a name in Unicode, joined; what cannot be decoded stays as it came."""
    words = []
    for value in message.get_all(name, []):
        written = str(value)[:HEADER_LIMIT]
        try:
            words.append(str(make_header(decode_header(written))))
        except _BROKEN:
            words.append(written)
    return " ".join(words)


def _ids(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_MESSAGE_ID.findall(text)))[:50]


def _numbers(*texts: str) -> tuple[str, ...]:
    found = [number.upper() for text in texts for number in _NUMBER.findall(text)]
    return tuple(dict.fromkeys(found))[:5]


def _codes(*texts: str) -> tuple[str, ...]:
    found = (code for text in texts for code in _CODE.findall(text))
    return tuple(dict.fromkeys("".join(code.split()) for code in found))[:5]


def _is_automatic(message: Message, address: str) -> bool:
    """Whether no person wrote it just for us (RFC 3834, RFC 2919, RFC 2076)."""
    submitted = _header(message, "Auto-Submitted").strip().lower()
    if submitted and not submitted.startswith("no"):
        return True
    if _header(message, "Precedence").strip().lower() in {"bulk", "list", "junk", "auto_reply"}:
        return True
    local = address.partition("@")[0].lower()
    robots = {"mailer-daemon", "postmaster", "no-reply", "noreply", "do-not-reply"}
    return local in robots or not address or any(mark in message for mark in _MASS_MARKS)


def _is_spam(message: Message) -> bool:
    """What the filter before us says; our own guess would only hide what it let through."""
    flag = _header(message, "X-Spam-Flag").strip().lower()
    status = _header(message, "X-Spam-Status").strip().lower()
    return "yes" in {flag[:3], status[:3], _header(message, "X-Spam").strip().lower()[:3]}


def _key(message: Message, raw: bytes) -> str:
    """A hash of what makes this mail this mail.

    The Message-ID alone would let a stranger who guesses one keep a mail out; what relays add on
    the way (Received and the like) must not make a second one of it.
    """
    _head, _blank, content = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    digest = hashlib.sha256(content.rstrip())
    for name in ("Message-ID", "From", "Date", "Subject"):
        digest.update(b"\x1f" + _header(message, name).encode("utf-8", "replace"))
    return digest.hexdigest()


def _unreadable(raw: bytes, *, is_cut: bool) -> ReceivedMail:
    """A mail nobody's library understands: kept as a file, for a person to look at."""
    beginning = _storable(raw[:TEXT_LIMIT].decode("utf-8", "replace"))
    return ReceivedMail(
        key=hashlib.sha256(raw).hexdigest(),
        body=beginning,
        reply=beginning,
        files=(MailFile("mail.eml", raw),),
        is_automatic=True,
        is_cut=is_cut,
    )


def _line(text: str, limit: int) -> str:
    return " ".join(_storable(text).split())[:limit]


def _storable(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNSTORABLE.sub("", text.encode("utf-8", "replace").decode())
