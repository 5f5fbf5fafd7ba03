"""Finds words in what people write, whatever their spelling, keyboard and line breaks. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

LINE_LIMIT = 400
_GAP = "\N{HORIZONTAL ELLIPSIS}"
_LETTERS_OF_A_WORD = r"[^ \x1f]*"  # a haystack holds nothing but words and blanks
_WORDS_BETWEEN = r"(?:[^ \x1f]+ ){0,5}"
# Letters that are another letter to most keyboards but are no accented form of it in Unicode.
_LETTERS = str.maketrans(
    {
        "ı": "i",
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "æ": "a",
        "œ": "o",
        "ى": "ي",
        "ة": "ه",
        "ک": "ك",
        "ی": "ي",
        "\N{ARABIC TATWEEL}": "",
    }
)


class _Kept(dict[int, int | str | None]):
    """What becomes of each letter, found out when it is first seen; None for signs on letters."""

    def __missing__(self, code: int) -> int | str | None:
        is_sign = unicodedata.category(chr(code)) in {"Mn", "Cf", "Me", "Mc"}
        kept = self[code] = None if is_sign else _LETTERS.get(code, code)
        return kept


_KEPT = _Kept()
# "Fuesse", "Füße" and "Fusse" are one word. "eu" and "au" stand before the e that is meant.
_TWO_LETTERS = re.compile(r"(?<![aeq])([aou])e")
_BREAKS = re.compile(r"[\W_]+")
_HYPHENS = re.compile(r"(?<=\w)[-\N{HYPHEN}\N{NON-BREAKING HYPHEN}](?:\s*\n\s*)?(?=\w)")


def fold(text: str) -> str:
    """Letters without case, accents, vowel signs and invisible characters; umlauts as vowels."""
    if text.isascii():
        return _TWO_LETTERS.sub(r"\1", text.casefold())
    plain = unicodedata.normalize("NFKD", text).casefold()
    letters = unicodedata.normalize("NFKD", plain)
    return _TWO_LETTERS.sub(r"\1", letters.translate(_KEPT))


def haystack(text: str) -> str:
    """A text as words between single blanks, read twice: hyphens as blanks, hyphens left out."""
    folded = fold(text)
    return f" {words_of(folded)} \x1f {words_of(_HYPHENS.sub('', folded))} "


def finder(lines: Iterable[str]) -> re.Pattern[str] | None:
    """A pattern that finds any of the lines in a haystack; None for no lines.

    `*` stands for letters of the same word, `/` for a choice of words, `…` (or `...`) for up to
    five words in between.
    """
    return _compiled(tuple(lines))


def is_usable(line: str) -> bool:
    """Whether a line is short enough, and has a word of two letters at least, in each choice."""
    parts = line.replace("...", _GAP).replace(_GAP, " ").split()
    return len(line) <= LINE_LIMIT and any(
        all(len(_word(each.strip("*"))) > len("a ") for each in part.split("/")) for part in parts
    )


def alternatives(lines: Iterable[str]) -> str:
    """The lines as one regular expression that scripts understand too; empty for no lines.

    It stands for words each followed by a blank, and must be looked for behind a blank.
    """
    return "|".join(sorted({pattern for line in lines if (pattern := _pattern(line))}))


@lru_cache(maxsize=512)
def _compiled(lines: tuple[str, ...]) -> re.Pattern[str] | None:
    pattern = alternatives(lines)
    return re.compile(f"(?<= )(?:{pattern})") if pattern else None


def _pattern(line: str) -> str:
    """What a line means, as words each followed by a blank; empty where no word is left."""
    written = line.replace("...", _GAP).replace(_GAP, f" {_GAP} ")
    parts: list[str] = []
    for part in written.split():
        if part == _GAP:
            parts.append(_WORDS_BETWEEN)
        else:
            choices = [choice for each in part.split("/") if (choice := _word(each))]
            parts.append(f"(?:{'|'.join(choices)})" if len(choices) > 1 else "".join(choices))
    while parts and parts[0] == _WORDS_BETWEEN:
        parts.pop(0)
    while parts and parts[-1] == _WORDS_BETWEEN:
        parts.pop()
    return "".join(parts)


def _word(written: str) -> str:
    """One word of a line; an apostrophe or hyphen makes two of it, as in a text.

    A star inside a word is left out: several of them could make looking at a long word slow.
    """
    core = words_of(fold(written.replace("*", "")))
    if not core:
        return ""
    head = _LETTERS_OF_A_WORD if written.startswith("*") else ""
    tail = _LETTERS_OF_A_WORD if written.endswith("*") else ""
    return f"{head}{core}{tail} "


def words_of(folded: str) -> str:
    """The words of a folded text between single blanks."""
    return _BREAKS.sub(" ", folded).strip()
