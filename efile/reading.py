"""Reads what comes back, and looks through what goes out: acknowledgements, and our own ZIP."""

import zipfile
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID
from xml.etree import ElementTree as ET
from xml.parsers import expat

from efile.xdomea import MESSAGE, NAMESPACE

IMPORTED = "Abgabe.ImportBestaetigen.0402"
RECEIVED = "Abgabe.EmpfangBestaetigen.0403"
MOST_BYTES = 1024 * 1024
_X = f"{{{NAMESPACE}}}"


class NotReadable(ValueError):
    """The file is no xdomea message we know; the text says why, without quoting it."""


@dataclass(frozen=True)
class Acknowledgement:
    """What a receiver says: which message, whether only received, taken over, or refused."""

    process_id: UUID
    is_import: bool
    is_taken: bool


def read_acknowledgement(content: bytes) -> Acknowledgement:
    """Read a 0402 or 0403 message. Raises NotReadable."""
    if len(content) > MOST_BYTES:
        raise NotReadable("too large")
    root = _parse(content)
    name = root.tag.removeprefix(_X)
    if name not in {IMPORTED, RECEIVED}:
        raise NotReadable("neither 0402 nor 0403")
    try:
        process_id = UUID(root.findtext(f"{_X}Kopf/{_X}ProzessID", ""))
    except ValueError:
        raise NotReadable("no ProzessID") from None
    said = [each.text or "" for each in root.iter(f"{_X}Erfolgreich")]
    taken = bool(said) and all(text.strip() in {"true", "1"} for text in said)
    return Acknowledgement(process_id, name == IMPORTED, taken)


def check(path: Path, schema: Path | None = None) -> list[str]:
    """What is wrong with a ZIP of ours; with the folder of the standard's schema, by that too.

    Raises ModuleNotFoundError where a schema is given and xmlschema is not installed.
    """
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        messages = [name for name in names if name.endswith(f"_{MESSAGE}.xml")]
        if len(messages) != 1:
            return [f"{len(messages)} messages"]
        content = archive.read(messages[0])
    root = _parse(content)
    named = {each.text or "" for each in root.iter(f"{_X}Dateiname")}
    faults = [f"missing file {name}" for name in sorted(named - set(names))]
    faults += [f"file nobody names {name}" for name in sorted(set(names) - named - {*messages})]
    return faults + (_by_schema(content, schema) if schema else [])


def _by_schema(content: bytes, folder: Path) -> list[str]:
    import xmlschema  # noqa: PLC0415 - a tool of development and of operators who check

    name = "xdomea-Nachrichten-AbgabeDurchfuehren.xsd"
    schema = xmlschema.XMLSchema(str(folder / name if folder.is_dir() else folder))
    return [str(error.reason) for error in schema.iter_errors(content.decode())]


def _parse(content: bytes) -> ET.Element:
    """Parse without any document type: entities could swell or read files."""
    judge = expat.ParserCreate()
    judge.StartDoctypeDeclHandler = _refuse
    try:
        judge.Parse(content, True)
        return ET.fromstring(content)  # noqa: S314 - a document type was refused above
    except (expat.ExpatError, ET.ParseError) as fault:
        raise NotReadable(type(fault).__name__) from None


def _refuse(*_args: object) -> None:
    raise NotReadable("document type")
