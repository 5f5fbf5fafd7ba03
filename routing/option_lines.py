"""The choices of a question as lines of text, so that they can be edited without knowing JSON.

verstopft | Einlauf ist verstopft | Drain is blocked
gas | Es riecht nach Gas | It smells of gas | Gefahr | Sofort 112 anrufen. | Call 112 at once.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

COLUMNS = ("key", "de", "en", "danger", "advice_de", "advice_en")
KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")


class OptionLinesField(forms.CharField):
    """A text field whose value is the list that Question.options holds."""

    widget = forms.Textarea(attrs={"rows": 4, "cols": 100})

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
        cells = [str(option.get(column) or "") for column in COLUMNS]
        cells[3] = "Gefahr" if option.get("danger") else ""
        while cells and not cells[-1]:
            cells.pop()
        lines.append(" | ".join(cells))
    return "\n".join(lines)


def options_of(text: str) -> list[dict[str, Any]]:
    """Lines as options; raises ValidationError for a line without key or German text."""
    options: list[dict[str, Any]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            options.append(_option(number, line))
    keys = [option["key"] for option in options]
    doubled = sorted({key for key in keys if keys.count(key) > 1})
    if doubled:
        raise forms.ValidationError(
            _("Jeder Schlüssel darf nur einmal vorkommen: %(keys)s") % {"keys": ", ".join(doubled)}
        )
    return options


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
    if "danger" in option:
        option["danger"] = True
    return option
