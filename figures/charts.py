"""Charts as SVG, drawn here: bars that differ by pattern and label, not by colour alone.

Each has a title and a description for screen readers; the table with the same numbers stands
beside it. Text takes the colour of the page around it. No script, no style attribute.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from django.utils.formats import number_format
from django.utils.safestring import SafeString, mark_safe

BLUE, LINE = "#2a6ebb", "#767676"
WIDTH = 640
LABEL_WIDTH, VALUE_WIDTH, BAR_HEIGHT, GAP = 210, 70, 18, 8
PLOT_HEIGHT, MOST_BARS = 180, 15


@dataclass(frozen=True)
class Chart:
    """A drawing, and what it says in words: its label on a page, its alternative text on paper."""

    svg: SafeString
    alt: str


def bars(title: str, values: Sequence[tuple[str, float | None]], *, unit: str = "") -> Chart:
    """Lying bars, one a line; a value that may not be told (None) has a line of dots.

    At most 15 lines; the table holds the rest.
    """
    shown = values[:MOST_BARS]
    most = max((value for _label, value in shown if value is not None), default=0) or 1
    room = WIDTH - LABEL_WIDTH - VALUE_WIDTH
    height = len(shown) * (BAR_HEIGHT + GAP) + GAP
    parts = []
    for place, (label, value) in enumerate(shown):
        top = GAP + place * (BAR_HEIGHT + GAP)
        # The blank keeps typesetters from cutting the first letter off.
        parts.append(_text(LABEL_WIDTH - 8, top + 13, f"\u00a0{_short(label)}", "end"))
        if value is None:
            parts.append(_text(LABEL_WIDTH + 4, top + 13, "…"))
            continue
        width = room * value / most
        parts.append(
            f'<rect x="{LABEL_WIDTH}" y="{top}" width="{width:.1f}" height="{BAR_HEIGHT}"'
            f' fill="{BLUE}"/>'
        )
        parts.append(_text(LABEL_WIDTH + width + 6, top + 13, _number(value) + unit))
    told = "; ".join(f"{label}: {_told(value)}{unit}" for label, value in shown)
    return _svg(title, told, height, "".join(parts))


def columns(
    title: str,
    labels: Sequence[str],
    series: Sequence[tuple[str, Sequence[int | None]]],
    *,
    name: str,
) -> Chart:
    """Standing columns side by side, e.g. what came in and what was finished month by month.

    The first series is filled, the second hatched. `name` keeps patterns of one page apart.
    """
    most = max((v or 0 for _name, values in series for v in values), default=0) or 1
    slot = (WIDTH - 50) / max(1, len(labels))
    width = min(28.0, slot * 0.8 / max(1, len(series)))
    top, floor = 34, 34 + PLOT_HEIGHT
    parts = [_pattern(name), _scale(most, top, floor), _key(series, name)]
    every = max(1, -(-len(labels) // 14))
    for place, label in enumerate(labels):
        left = 45 + place * slot + (slot - width * len(series)) / 2
        for order, (_name, values) in enumerate(series):
            value = values[place]
            if value is None:
                parts.append(_text(left + (order + 0.5) * width, floor - 4, "…", "middle"))
                continue
            high = PLOT_HEIGHT * value / most
            parts.append(
                f'<rect x="{left + order * width:.1f}" y="{floor - high:.1f}" width="{width:.1f}"'
                f' height="{high:.1f}" fill="{_fill(order, name)}" stroke="{BLUE}"/>'
            )
        if place % every == 0:
            parts.append(_text(45 + (place + 0.5) * slot, floor + 16, label, "middle"))
    told = "; ".join(
        f"{label}: " + ", ".join(f"{word} {_told(values[place])}" for word, values in series)
        for place, label in enumerate(labels)
    )
    return _svg(title, told, floor + 26, "".join(parts))


def _svg(title: str, told: str, height: int, content: str) -> Chart:
    alt = f"{title}. {told}"
    drawing = mark_safe(  # noqa: S308 - every word in it went through escape or quoteattr
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
        f' width="{WIDTH}" height="{height}" aria-label={quoteattr(alt)}'
        f' font-family="Fira Sans" font-size="12">{content}</svg>'
    )
    return Chart(drawing, alt)


def _text(x: float, y: float, words: str, anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="currentColor">'
        f"{escape(words)}</text>"
    )


def _pattern(name: str) -> str:
    return (
        f'<defs><pattern id="hatch-{name}" width="6" height="6" patternUnits="userSpaceOnUse"'
        f' patternTransform="rotate(45)"><path d="M0 0v6" stroke="{BLUE}" stroke-width="3"/>'
        "</pattern></defs>"
    )


def _fill(order: int, name: str) -> str:
    return BLUE if order == 0 else f"url(#hatch-{name})"


def _key(series: Sequence[tuple[str, Sequence[int | None]]], name: str) -> str:
    parts = []
    for order, (label, _values) in enumerate(series):
        x = 45 + order * 170
        parts.append(
            f'<rect x="{x}" y="6" width="16" height="12" fill="{_fill(order, name)}"'
            f' stroke="{BLUE}"/>'
        )
        parts.append(_text(x + 22, 16, label))
    return "".join(parts)


def _scale(most: float, top: int, floor: int) -> str:
    parts = []
    for share in (0, 0.5, 1):
        y = floor - (floor - top) * share
        parts.append(f'<path d="M45 {y:.1f}H{WIDTH}" stroke="{LINE}" stroke-width="0.5"/>')
        parts.append(_text(40, y + 4, _number(round(most * share)), "end"))
    return "".join(parts)


def _short(label: str) -> str:
    return label if len(label) <= 30 else f"{label[:29]}…"


def _number(value: float) -> str:
    return number_format(value, decimal_pos=0 if value == int(value) else 1, force_grouping=True)


def _told(value: float | None) -> str:
    return "–" if value is None else _number(value)
