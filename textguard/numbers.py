"""Telephone numbers, bank accounts (ISO 13616), dates of birth."""

import re
from collections.abc import Iterator

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

from textguard.spans import Confidence, Kind, Span

_PHONE = re.compile(r"(?<![\w.,/-])(?:\+|\(\+?|)\d[\d ()/.\u00a0\u2013-]{4,24}\d(?![\w])")
# What announces a number in front of it.
_LABEL = re.compile(
    r"(?<![^\W\d_])(?:tel|telefon|telefonnummer|tel\.-?nr|fon|handy|handynummer|mobil|mobilnummer"
    r"|mobile|phone|rufnummer|meine nummer|whatsapp|festnetz|fax|erreichbar|anrufen|telefonisch"
    r"|cell|téléphone|telefono|téléfono|telefonu|numer)"
    r"(?:[ .:]{1,4}(?:unter|ist|lautet|mich|an|nr\.?|is)){0,3}[ .:\n]{0,4}\Z",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?<!\d)(?:\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})|\d{4}-\d{1,2}-\d{1,2}"
    r"|\d{4} ?[-–/] ?\d{4})(?!\d)"
)
# Hotlines of firms and authorities: nobody in particular.
_PUBLIC = frozenset(
    {
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.UAN,
    }
)
_IBAN = re.compile(
    r"(?<![^\W_])[A-Za-z]{2} ?\d{2}(?=[ \d])|(?<![^\W_])[A-Za-z]{2}\d{2}(?=[A-Za-z])"
)
# Length of the number by country, ISO 13616 registry; the neighbours and who sends most letters.
_IBAN_LENGTHS = {
    "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20,
    "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26,
    "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MT": 31, "NL": 18, "NO": 15, "PL": 28,
    "PT": 25, "RO": 24, "SE": 24, "SI": 19, "SK": 24, "TR": 26, "UA": 29,
}  # fmt: skip
_MONTH = r"(?:jan|feb|mär|maer|mar|apr|mai|may|jun|jul|aug|sep|okt|oct|nov|dez|dec)[a-zä]{0,7}\.?"
_DAY = (
    rf"(?:\d{{1,2}}[./-] ?\d{{1,2}}[./-] ?(?:\d{{4}}|\d{{2}})|\d{{4}}-\d{{2}}-\d{{2}}"
    rf"|\d{{1,2}}\.? ?{_MONTH} ?\d{{4}}|{_MONTH} \d{{1,2}},? \d{{4}})"
)
_BIRTH = re.compile(
    r"(?:\bgeb\.?|\bgeboren(?:e|er)?|\bgeburtsdatum|\bgeburtstag|\bgeb\.-?datum|\bborn"
    r"|\bdate of birth"
    r"|\bdob|\bnée?|\bdate de naissance|\bnat[oa]|\bdoğum tarihi(?:m)?|\bnacid[oa]"
    r"|\burodzon[ya]|\bur\."
    r"|\bрожд\w{0,8}|\*)"
    r"(?:[ :,]{1,3}(?:am|on|le|il|el|den|ist|is|der|dem)\b){0,2}[ :.]{0,3}"
    rf"(?P<day>{_DAY})(?!\d)",
    re.IGNORECASE,
)


def find_phones(text: str) -> Iterator[Span]:
    """Numbers one can call; hotlines, emergency numbers, dates and measures are none."""
    for found in _PHONE.finditer(text):
        typed = found.group()
        digits = sum(letter.isdigit() for letter in typed)
        if digits < 6 or _DATE.search(typed):
            continue
        confidence = _callable(
            typed, bool(_LABEL.search(text[max(0, found.start() - 40) : found.start()]))
        )
        if confidence:
            yield Span(found.start(), found.end(), Kind.PHONE, confidence, "phone")


def _callable(typed: str, is_labelled: bool) -> Confidence | None:
    """How sure it is that somebody answers at this number."""
    try:
        number = phonenumbers.parse(typed, "DE")
    except NumberParseException:
        return None
    if phonenumbers.number_type(number) in _PUBLIC:
        return None
    begins = typed.lstrip("(")
    if begins.startswith(("+", "0")) and phonenumbers.is_valid_number(number):
        return Confidence.HIGH
    if is_labelled and phonenumbers.is_possible_number(number):
        return Confidence.HIGH
    is_mobile = begins.startswith(("015", "016", "017", "+491"))
    return Confidence.LOW if is_mobile and phonenumbers.is_possible_number(number) else None


def find_ibans(text: str) -> Iterator[Span]:
    """Account numbers whose check digits are right (ISO 7064 MOD 97-10)."""
    for found in _IBAN.finditer(text):
        length = _IBAN_LENGTHS.get(found.group()[:2].upper())
        collected = _collected(text, found.start(), length) if length else None
        if collected and _checks(collected[0]):
            yield Span(found.start(), collected[1], Kind.IBAN, Confidence.HIGH, "iban")


def _collected(text: str, start: int, length: int) -> tuple[str, int] | None:
    """`length` letters and digits from here, blanks left out, and where they end."""
    letters: list[str] = []
    for at in range(start, min(len(text), start + 2 * length)):
        if text[at].isascii() and text[at].isalnum():
            letters.append(text[at].upper())
            if len(letters) == length:
                ends = at + 1 == len(text) or not text[at + 1].isalnum()
                return ("".join(letters), at + 1) if ends else None
        elif text[at] not in " -.\u00a0":
            return None
    return None


def _checks(iban: str) -> bool:
    digits = "".join(str(int(letter, 36)) for letter in iban[4:] + iban[:4])
    return int(digits) % 97 == 1


def find_birth_dates(text: str) -> Iterator[Span]:
    """Days of birth behind a word that says so."""
    for found in _BIRTH.finditer(text):
        start, end = found.span("day")
        yield Span(start, end, Kind.BIRTH_DATE, Confidence.HIGH, "birth")
