"""E-mail addresses, also `max ät web.de`, and names in social networks."""

import re
from collections.abc import Iterator

from textguard.spans import Confidence, Kind, Span

_AT = re.compile(r"@|[(\[{] ?(?:at|ät|ä) ?[)\]}]|(?<=\w) (?:at|ät) (?=\w)|ät", re.IGNORECASE)
_DOMAIN = re.compile(
    r" ?(?P<domain>[\w-]{1,63}"
    r"(?:(?:\.| ?[(\[] ?(?:dot|punkt|\.) ?[)\]] ?| punkt | dot )[\w-]{1,63}){1,4})",
    re.IGNORECASE,
)
_TOP = re.compile(r"[^\W\d_]{2,24}\Z")
# Without any sign between, only what everybody uses is recognised: `Realität.de` is no address.
_PROVIDERS = (
    "web.de", "gmx.", "gmail.com", "googlemail.com", "t-online.de", "yahoo.", "outlook.",
    "hotmail.", "icloud.com", "freenet.de", "aol.", "posteo.de", "mailbox.org", "arcor.de",
    "live.", "online.de",
)  # fmt: skip
_LOCAL = frozenset("._+%-")
# Addresses of offices and firms rather than of people.
_ROLES = frozenset(
    {"info", "kontakt", "contact", "service", "post", "poststelle", "mail", "office", "buero",
     "stadt", "rathaus", "buergeramt", "buergerbuero", "ordnungsamt", "verwaltung", "support",
     "hello", "hallo", "noreply", "presse", "redaktion", "datenschutz", "kundenservice"}
)  # fmt: skip
_HANDLE = re.compile(r"(?<![\w.@/])@(?P<name>[^\W\d_][\w.]{1,30})(?![\w(])")
_PROFILE = re.compile(
    r"(?:https?://)?(?:www\.|m\.)?(?:instagram\.com|facebook\.com|fb\.com|tiktok\.com"
    r"|twitter\.com|x\.com"
    r"|t\.me|telegram\.me|linkedin\.com/in|xing\.com/profile|youtube\.com/@"
    r"|snapchat\.com/add|threads\.net"
    r"|wa\.me)/@?[\w.-]{2,60}",
    re.IGNORECASE,
)
_NETWORK = re.compile(
    r"\b(?:insta(?:gram)?|snap(?:chat)?|tiktok|telegram|discord|facebook|twitter)"
    r"(?:[ -](?:name|account|profil|user|nick))?(?: ist| lautet)?(?: ?: ?| (?=[\w.]{0,29}[\d_]))"
    r"(?P<name>[^\W\d_][\w.]{2,30})",
    re.IGNORECASE,
)
_ADDRESSED = (
    "stadt", "all", "team", "verwaltung", "amt", "rathaus", "bauhof", "admin", "redaktion",
    "polizei", "feuerwehr", "gemeinde", "landkreis", "stadtwerke", "home",
)  # fmt: skip


def find_emails(text: str) -> Iterator[Span]:
    """Addresses, also disguised ones; those of offices are named with low confidence."""
    for found in _AT.finditer(text):
        domain = _DOMAIN.match(text, found.end())
        if domain is None:
            continue
        start = _local_start(text, found.start())
        local, sign = text[start : found.start()].strip(), found.group()
        where = domain.group("domain").rstrip(".-")
        end = domain.start("domain") + len(where)
        if not local or not _is_address(sign, where.casefold()):
            continue
        office = local.casefold().split(".")[0] in _ROLES
        confidence = Confidence.LOW if office else Confidence.HIGH
        yield Span(start, end, Kind.EMAIL, confidence, "email")


def _is_address(sign: str, domain: str) -> bool:
    if sign.casefold() == "ät":
        return domain.startswith(_PROVIDERS)
    if sign.strip().isalpha() and " " in domain:
        return "punkt" in domain or "dot" in domain
    return _TOP.search(domain) is not None


def _local_start(text: str, end: int) -> int:
    """Where the part before the sign begins: up to 64 letters (RFC 5321)."""
    start = end - 1 if end and text[end - 1] == " " else end
    least = max(0, start - 64)
    while start > least and (text[start - 1].isalnum() or text[start - 1] in _LOCAL):
        start -= 1
    while start < end and text[start] in _LOCAL:
        start += 1
    return start


def find_handles(text: str) -> Iterator[Span]:
    """Profiles and names in social networks; whoever addresses an office names nobody."""
    for found in _PROFILE.finditer(text):
        yield Span(found.start(), found.end(), Kind.HANDLE, Confidence.HIGH, "profile")
    for found in _HANDLE.finditer(text):
        if not found.group("name").casefold().startswith(_ADDRESSED):
            end = found.end() - (found.group().endswith("."))
            yield Span(found.start(), end, Kind.HANDLE, Confidence.HIGH, "handle")
    for found in _NETWORK.finditer(text):
        end = found.end() - (found.group().endswith("."))
        yield Span(found.start("name"), end, Kind.HANDLE, Confidence.HIGH, "network")
