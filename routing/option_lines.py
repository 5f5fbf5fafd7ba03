"""The choices of a question as lines of text, so that they can be edited without knowing JSON.

verstopft | Einlauf ist verstopft | Drain is blocked
gas | Es riecht nach Gas | It smells of gas | Gefahr | Sofort 112 anrufen. | Call 112 at once.
    tr: Gaz kokusu var | Hemen 112'yi arayın.
privat | Auf Privatgrund | On private ground | Ende, trotzdem | Bitte an den Eigentümer. |

An indented line with a language and a colon translates the choice above it.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

COLUMNS = ("key", "de", "en", "flags", "advice_de", "advice_en")
KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
FLAGS = {"gefahr": "danger", "ende": "stop", "trotzdem": "anyway"}
_TRANSLATION = re.compile(r"\s+([a-z]{2,3})\s*:\s*(.*)")


class OptionLinesField(forms.CharField):
    """A text field whose value is the list that Question.options holds."""

    widget = forms.Textarea(attrs={"rows": 6, "cols": 100})

    def __init__(self, **options: Any) -> None:
        super().__init__(strip=False, **options)

    def prepare_value(self, value: Any) -> Any:
        """The list as lines; what a person typed stays as it is."""
        return lines_of(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """The lines as a list; raises ValidationError naming the line."""
        return options_of(super().to_python(value) or "")

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the lines say something else than before."""
        return lines_of(initial or []) != str(data or "").replace("\r\n", "\n").strip()


def lines_of(options: Iterable[Mapping[str, Any]]) -> str:
    """Options as lines."""
    lines = []
    for option in options:
        words = [word.capitalize() for word, flag in FLAGS.items() if option.get(flag)]
        cells = [str(option.get(column) or "") for column in COLUMNS]
        cells[3] = ", ".join(word if word == "Gefahr" else word.lower() for word in words)
        lines += [_joined(cells), *_translations(option)]
    return "\n".join(lines)


def options_of(text: str) -> list[dict[str, Any]]:
    """Lines as options; raises ValidationError for a line without key or German text."""
    options: list[dict[str, Any]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        translation = _TRANSLATION.fullmatch(line)
        if translation and options:
            _translate(options[-1], *translation.groups())
        elif line.strip():
            options.append(_option(number, line))
    keys = [option["key"] for option in options]
    doubled = sorted({key for key in keys if keys.count(key) > 1})
    if doubled:
        raise forms.ValidationError(
            _("Jeder Schlüssel darf nur einmal vorkommen: %(keys)s") % {"keys": ", ".join(doubled)}
        )
    return options


def _joined(cells: list[str]) -> str:
    while cells and not cells[-1]:
        cells.pop()
    return " | ".join(cells)


def _translations(option: Mapping[str, Any]) -> Iterable[str]:
    languages = {name.removeprefix("advice_") for name in option} - {"key", *FLAGS.values()}
    for language in sorted(languages - {"de", "en"}):
        texts = [str(option.get(language) or ""), str(option.get(f"advice_{language}") or "")]
        yield f"    {language}: {_joined(texts)}"


def _translate(option: dict[str, Any], language: str, rest: str) -> None:
    text, _bar, advice = (part.strip() for part in rest.partition("|"))
    option |= {
        name: value for name, value in ((language, text), (f"advice_{language}", advice)) if value
    }


def _option(number: int, line: str) -> dict[str, Any]:
    cells = [cell.strip() for cell in line.split("|")]
    option: dict[str, Any] = {
        column: cell for column, cell in zip(COLUMNS, cells, strict=False) if cell
    }
    if len(cells) > len(COLUMNS) or not KEY.fullmatch(option.get("key", "")):
        raise forms.ValidationError(
            _("Zeile %(number)d: erwartet wird „schluessel | Text | englischer Text | Gefahr“.")
            % {"number": number}
        )
    if not option.get("de"):
        raise forms.ValidationError(
            _("Zeile %(number)d: Der deutsche Text fehlt.") % {"number": number}
        )
    return option | _flags(number, option.pop("flags", ""))


def _flags(number: int, words: str) -> dict[str, bool]:
    named = [word.strip().lower() for word in words.split(",") if word.strip()]
    unknown = [word for word in named if word not in FLAGS]
    if unknown:
        raise forms.ValidationError(
            _("Zeile %(number)d: „%(word)s“ ist weder Gefahr noch Ende noch trotzdem.")
            % {"number": number, "word": unknown[0][:40]}
        )
    return {FLAGS[word]: True for word in named}
