"""Reads translation catalogues and the texts in the sources, without gettext's own programs."""

import ast
import gettext
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
CONTEXT = "\x04"  # how gettext writes "context + text" as one key
TEMPLATE_ENDINGS = {".html", ".txt", ".md", ".xml"}

# Position of context, text and plural among the arguments of gettext's functions.
_SINGULAR, _PLURAL = (None, 0, None), (None, 0, 1)
_WITH_CONTEXT, _PLURAL_WITH_CONTEXT = (0, 1, None), (0, 1, 2)
FUNCTIONS = {
    "_": _SINGULAR,
    "gettext": _SINGULAR,
    "gettext_lazy": _SINGULAR,
    "gettext_noop": _SINGULAR,
    "ngettext": _PLURAL,
    "ngettext_lazy": _PLURAL,
    "pgettext": _WITH_CONTEXT,
    "pgettext_lazy": _WITH_CONTEXT,
    "npgettext": _PLURAL_WITH_CONTEXT,
    "npgettext_lazy": _PLURAL_WITH_CONTEXT,
}
_CALL = re.compile(
    r"""\b(?:_|n?p?gettext)\((?:[^()'"]|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")*\)""", re.DOTALL
)


@dataclass(frozen=True)
class Entry:
    """One text of a catalogue with its translations, one per plural form."""

    key: str
    plural: str | None
    translations: tuple[str, ...]
    flags: str = ""


def apps() -> list[str]:
    """Every package with user-visible texts: those that have a catalogue or should have one."""
    return sorted(
        folder.name
        for folder in ROOT.iterdir()
        if (folder / "__init__.py").exists()
        and folder.name not in {"tests", "deploy", "bench", "var"}
    )


def catalogue(app: str, ending: str = "po") -> Path:
    """Where the English texts of an app lie."""
    return ROOT / app / "locale" / "en" / "LC_MESSAGES" / f"django.{ending}"


# ---------------------------------------------------------------- sources


def texts_in_sources(app: str) -> dict[str, str]:
    """{key: first file with it} for every text handed to gettext in an app."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / app).rglob("*")):
        if path.suffix == ".py":
            keys = _keys(ast.parse(path.read_text()), path)
        elif path.suffix in TEMPLATE_ENDINGS:
            keys = texts_in_template(path.read_text())
        else:
            continue
        for key in keys:
            found.setdefault(key, str(path.relative_to(ROOT)))
    return found


def texts_in_template(source: str) -> Iterator[str]:
    """Keys of the texts in a Django template, as Django itself would hand them to xgettext."""
    for call in _CALL.findall(templatize(source)):
        yield from _keys(ast.parse(call), None)


def _keys(tree: ast.AST, path: Path | None) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name not in FUNCTIONS or not node.args:
            continue
        context_at, text_at, _plural_at = FUNCTIONS[name]
        words = [_written_out(argument) for argument in node.args]
        text = words[text_at] if text_at < len(words) else None
        assert text is not None, f"{path}:{node.lineno}: gettext needs the text written out"
        yield text if context_at is None else f"{words[context_at]}{CONTEXT}{text}"


def _written_out(argument: ast.expr) -> str | None:
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return argument.value
    return None


# ---------------------------------------------------------------- catalogues


def entries_of_po(path: Path) -> list[Entry]:
    """The entries of a .po file; obsolete ones (`#~`) raise an AssertionError."""
    entries, fields, flags, current = [], {}, "", ""
    for line in [*path.read_text().splitlines(), ""]:
        assert not line.startswith("#~"), f"{path}: obsolete entry {line}"
        if line.startswith("#,"):
            flags = line
        elif line.startswith('"'):
            fields[current] += ast.literal_eval(line)
        elif line and not line.startswith("#"):
            current, value = line.split(" ", 1)
            fields[current] = ast.literal_eval(value)
        elif not line and "msgid" in fields:
            entries.append(_entry(fields, flags))
            fields, flags = {}, ""
    return [entry for entry in entries if entry.key]


def _entry(fields: dict[str, str], flags: str) -> Entry:
    key = fields["msgid"]
    if "msgctxt" in fields:
        key = f"{fields['msgctxt']}{CONTEXT}{key}"
    translations = tuple(fields[name] for name in sorted(fields) if name.startswith("msgstr"))
    return Entry(key, fields.get("msgid_plural"), translations, flags)


def translations_in_mo(path: Path) -> dict[str, tuple[str, ...]]:
    """{key: translations} as a running Django reads them from a compiled catalogue."""
    with path.open("rb") as compiled:
        raw = gettext.GNUTranslations(compiled)._catalog  # type: ignore[attr-defined]
    found: dict[str, dict[int, str]] = {}
    for key, text in raw.items():
        name, form = key if isinstance(key, tuple) else (key, 0)
        found.setdefault(name, {})[form] = text
    found.pop("", None)
    return {key: tuple(text for _, text in sorted(forms.items())) for key, forms in found.items()}
