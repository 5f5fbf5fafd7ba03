"""German number plates (Anlage 4 FZV): district, one or two letters, number, E or H."""

import re
from collections.abc import Iterator

from textguard.spans import Confidence, Kind, Span
from textguard.words import listed

_PLATE = re.compile(
    r"(?<![\w-])(?P<district>[^\W\d_]{1,3})(?P<gap> ?[-–:•·.] ?| )(?P<letters>[A-Za-z]{1,2})"
    r"(?P<rest>[ -]{0,2})(?P<number>[1-9]\d{0,3})(?P<suffix> ?[EHeh](?!\w))?(?![\w]|[.,:]\d)"
)
_JOINED = re.compile(
    r"(?<![\w-])(?P<letters>[A-Za-zÄÖÜäöü]{2,5})(?P<rest>[ -]?)(?P<number>[1-9]\d{0,3})"
    r"(?P<suffix>[EHeh])?(?![\w]|[.,:]\d)"
)
_NAMED = re.compile(
    r"(?:kennzeichen|nummernschild|kfz-kz|kfz-kennz\.?|kz\.?|autonummer|license plate"
    r"|plate number|plaka)"
    r"(?: (?:ist|war|lautet|lautete|des (?:autos|fahrzeugs|pkws|wagens)|is|von|endet auf"
    r"|mit))?[ :=\"„(]{1,4}"
    r"(?P<plate>(?-i:[A-ZÄÖÜ]{1,4}[ -]{0,3}[A-Z0-9]{1,6}(?:[ -]{1,2}[A-Z0-9]{1,5})?)(?![\w]))",
    re.IGNORECASE,
)
_VEHICLE = re.compile(
    r"kennzeichen|nummernschild|\bkfz|\bpkw|\blkw|\bauto|fahrzeug|wagen\b|\bkombi"
    r"|transporter|\bsuv\b|halter|\broller\b"
    r"|motorrad|wohnmobil|anhänger|\bbmw|\bvw\b|audi|mercedes|opel|\bford|\bcar\b|\bgolf\b|\bpolo\b|parkt|parken",
    re.IGNORECASE,
)
_NEAR = 70  # letters before a plate within which a vehicle is spoken of
# Weekdays, norms, lines, words: what looks like district and letters.
_NO_DISTRICTS = frozenset({"DIN", "IN"})
_WEEKDAYS = frozenset({"MO", "DI", "MI", "DO", "FR", "SA", "SO"})
_WORDS = frozenset(
    {"AB", "AM", "AN", "BIS", "UM", "ZU", "IN", "IM", "ES", "ER", "SO", "DA", "WO", "JE", "DIE",
     "DER", "DAS", "NR", "UND", "ODER", "VON", "VOR", "TEL", "OG", "UG", "EG", "KM", "CM", "MM",
     "MB", "GB"}
)  # fmt: skip
_NO_PLATES = frozenset(
    {"BUS", "LED", "LKW", "PKW", "KFZ", "MEX", "RAL", "DIN", "ISO", "BGB", "DHL", "UPS", "GLS",
     "SEV", "IRE", "ICE", "TEL", "FAX", "STVO", "DSGVO", "COVID", "CO", "BSK", "NUR", "MAX",
     "MIN", "CA", "SEK", "STD", "TAG", "UHR", "HAUS", "HALLE", "PLATZ", "LINIE", "GRAD", "ZONE",
     "TOR", "MAST", "HNR", "WLAN", "PLZ", "STR", "OBJ", "EUR", "EURO", "BAB", "TYP", "NR", "DVB",
     "HNV", "VVS", "KVV", "GPS", "USB", "SSB", "SAT", "HDMI", "TOP", "ALS", "MIT", "VON", "BIS",
     "SEIT", "UM", "AB", "RUND", "KLASSE", "VDE", "EN", "ETAGE", "STUFE", "STVG", "PM", "BIO",
     "WC", "NACH", "GEGEN", "VOR", "MEHR", "PET", "AUS", "KITA", "ALLE", "ZWEI", "BEI", "FAST",
     "HAT", "SIND", "WEG", "AUF", "ZUM", "DER", "DAS", "DIE", "UND"}
)  # fmt: skip


def find_plates(text: str) -> Iterator[Span]:
    """Plates as they are written by hand: `HN-AB 123`, `HN AB123`, `HNAB123`, `hn-ab 123 E`."""
    for found in _NAMED.finditer(text):
        if any(letter.isdigit() for letter in found.group("plate")):
            start, end = found.span("plate")
            yield Span(start, end, Kind.PLATE, Confidence.HIGH, "plate_named")
    for found in _PLATE.finditer(text):
        confidence = _judged(text, found)
        if confidence:
            yield Span(found.start(), found.end(), Kind.PLATE, confidence, "plate")
    for found in _JOINED.finditer(text):
        confidence = _judged_joined(text, found)
        if confidence:
            yield Span(found.start(), found.end(), Kind.PLATE, confidence, "plate_joined")


def _judged(text: str, found: re.Match[str]) -> Confidence | None:
    district, letters = found.group("district").upper(), found.group("letters").upper()
    if district not in _districts() or district in _NO_DISTRICTS:
        return None
    if {district, letters} <= _WEEKDAYS:
        return None
    is_upper = (found.group("district") + found.group("letters")).isupper()
    is_hyphened = found.group("gap").strip() in {"-", "–", "•", "·", ":"}
    if _near_vehicle(text, found.start()):
        return _beside_vehicle(found, is_marked=is_upper or is_hyphened)
    if is_upper and is_hyphened:
        return Confidence.HIGH
    is_word = {district, letters} & _WORDS and len(found.group("number")) < 3
    if is_upper and not is_word and len(district + letters) > 2:
        return Confidence.HIGH if len(found.group("number")) > 1 else Confidence.LOW
    is_long = len(found.group("number")) > 1 and len(district) > 1
    return Confidence.LOW if is_hyphened and is_long and letters not in _WORDS else None


def _beside_vehicle(found: re.Match[str], *, is_marked: bool) -> Confidence | None:
    if is_marked:
        return Confidence.HIGH
    is_word = found.group("letters").upper() in _WORDS or found.group("district").upper() in _WORDS
    return Confidence.LOW if len(found.group("number")) > 1 and not is_word else None


def _judged_joined(text: str, found: re.Match[str]) -> Confidence | None:
    """Letters without a sign between: only where they can be parted, and are no usual word."""
    letters = found.group("letters")
    upper, near = letters.upper(), _near_vehicle(text, found.start())
    parts = any(
        upper[:cut] in _districts() and 1 <= len(upper) - cut <= 2 and upper[cut:].isascii()
        for cut in (1, 2, 3)
    )
    if not parts or upper in _NO_PLATES or not (letters.isupper() or near):
        return None
    long = len(letters) > 2 and len(found.group("number")) > 1
    if near and letters.isupper() and long:
        return Confidence.HIGH
    if found.group("rest") == "" and len(letters) > 2 and long and letters.isupper():
        return Confidence.HIGH if len(letters) > 3 else Confidence.LOW
    return Confidence.LOW if near and long and not found.group("rest").isspace() else None


def _near_vehicle(text: str, at: int) -> bool:
    return _VEHICLE.search(text[max(0, at - _NEAR) : at]) is not None


def _districts() -> frozenset[str]:
    return listed("district_codes")[0]
