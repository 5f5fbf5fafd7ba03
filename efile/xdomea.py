"""Writes xdomea 3.0 `Abgabe.Abgabe.0401`: a case with its documents as a ZIP; values in, bytes out.

xdomea is the German standard for handing files from one system to another (KoSIT, decided by the
IT-Planungsrat). The same values give the same bytes: ids are derived from `process_id`, times are
given. Names inside follow the standard: a UUID, then a name.
"""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5
from xml.etree import ElementTree as ET

NAMESPACE = "urn:xoev-de:xdomea:schema:3.0.0"
MESSAGE = "Abgabe.Abgabe.0401"
MESSAGE_CODE = "0401"
LISTS = "urn:xoev-de:xdomea:codeliste"
# Code lists: Dateiformat 1.0, Medium 1.0.
FORMATS = {"pdf/a": "044", "jpeg": "011", "png": "019", "webp": "100", "other": "100"}
ELECTRONIC = "001"
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Attachment:
    """A file of the case: what it is, its name, its bytes, a key of FORMATS."""

    title: str
    name: str
    content: bytes
    format: str
    made_on: date | None = None


@dataclass(frozen=True)
class Step:
    """Something that happened, in words; `actor` is an office or "Bürger", never a person."""

    at: datetime
    action: str
    actor: str
    remark: str = ""


@dataclass(frozen=True)
class CaseFile:
    """A case as the electronic file gets it. Times have a zone."""

    process_id: UUID
    made_at: datetime
    sender: str
    sender_office: str
    receiver: str
    reference: str
    subject: str
    kind: str
    opened_on: date
    closed_on: date
    confidential: bool
    steps: Sequence[Step]
    attachments: Sequence[Attachment]
    reporter: str = ""


def write(case: CaseFile) -> bytes:
    """The ZIP: the message and beside it every file it names."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, f"{case.process_id}_{MESSAGE}.xml", message(case))
        for number, attachment in enumerate(case.attachments, start=1):
            _add(archive, file_name(case, number), attachment.content)
    return out.getvalue()


def zip_name(process_id: UUID) -> str:
    """What the ZIP is called, by the standard."""
    return f"{process_id}_{MESSAGE}.zip"


def file_name(case: CaseFile, number: int) -> str:
    """What an attachment is called inside (1 is the first)."""
    return f"{_id(case, f'file-{number}')}_{case.attachments[number - 1].name}"


def message(case: CaseFile) -> bytes:
    """The XML message alone."""
    ET.register_namespace("xdomea", NAMESPACE)
    root = ET.Element(_tag(MESSAGE))
    _head(root, case)
    _case(_sub(_sub(root, "Schriftgutobjekt"), "Vorgang"), case)
    ET.indent(root)
    made: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return made


def _head(root: ET.Element, case: CaseFile) -> None:
    head = _sub(root, "Kopf")
    _sub(head, "ProzessID", str(case.process_id))
    _code(
        head, "Nachrichtentyp", MESSAGE_CODE, "urn:xoev-de:xdomea:codeliste:nachrichtentyp", "2.0"
    )
    _sub(head, "Erstellungszeitpunkt", case.made_at.isoformat(timespec="seconds"))
    sender = _sub(head, "Absender")
    _sub(_sub(sender, "Institution"), "Name", case.sender)
    if case.sender_office:
        _sub(_sub(sender, "Organisationseinheit"), "Name", case.sender_office)
    _sub(_sub(_sub(head, "Empfaenger"), "Institution"), "Name", case.receiver)
    _sub(_sub(head, "SendendesSystem"), "Produktname", "Anliegen")
    _sub(head, "Importbestaetigung", "1")
    _sub(head, "Empfangsbestaetigung", "1")


def _case(element: ET.Element, case: CaseFile) -> None:
    _sub(_sub(element, "Identifikation"), "ID", _id(case, "case"))
    general = _sub(element, "AllgemeineMetadaten")
    _sub(general, "Betreff", case.subject)
    _sub(general, "Kennzeichen", case.reference)
    _sub(general, "Federfuehrung", case.sender_office or case.sender)
    if case.reporter:
        _sub(general, "Bemerkung", f"Meldende Person: {case.reporter}")
    _code(general, "Medium", ELECTRONIC, f"{LISTS}:medium", "1.0")
    _sub(element, "Typ", case.kind)
    _sub(element, "ZdA", "true")
    _sub(element, "ZdADatum", case.closed_on.isoformat())
    span = _sub(element, "Laufzeit")
    _sub(span, "Beginn", case.opened_on.isoformat())
    _sub(span, "Ende", case.closed_on.isoformat())
    for step in case.steps:
        _step(element, step)
    for number in range(1, len(case.attachments) + 1):
        _document(element, case, number)


def _step(element: ET.Element, step: Step) -> None:
    entry = _sub(element, "HistorienProtokollInformation")
    _sub(entry, "Akteur", step.actor)
    _sub(entry, "DatumUhrzeit", step.at.isoformat(timespec="seconds"))
    if step.remark:
        _sub(entry, "Bemerkung", step.remark)
    _sub(entry, "Aktion", step.action)


def _document(element: ET.Element, case: CaseFile, number: int) -> None:
    attachment = case.attachments[number - 1]
    document = _sub(element, "Dokument")
    identity = _sub(document, "Identifikation")
    _sub(identity, "ID", _id(case, f"document-{number}"))
    _sub(identity, "NummerImUebergeordnetenContainer", str(number))
    general = _sub(document, "AllgemeineMetadaten")
    _sub(general, "Betreff", attachment.title)
    _code(general, "Medium", ELECTRONIC, f"{LISTS}:medium", "1.0")
    if attachment.made_on is not None:
        _sub(document, "DatumDesSchreibens", attachment.made_on.isoformat())
    version = _sub(document, "Version")
    _sub(version, "Nummer", "1")
    kind = _sub(version, "Format")
    code = FORMATS.get(attachment.format, FORMATS["other"])
    _code(kind, "Name", code, f"{LISTS}:dateiformat", "1.0")
    if code == FORMATS["other"]:
        _sub(kind, "SonstigerName", attachment.format)
    _sub(kind, "Version", "2" if attachment.format == "pdf/a" else "unbekannt")
    primary = _sub(kind, "Primaerdokument")
    _sub(primary, "Dateiname", file_name(case, number))
    _sub(primary, "DateinameOriginal", attachment.name)


def _id(case: CaseFile, what: str) -> str:
    return str(uuid5(case.process_id, what))


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _sub(parent: ET.Element, name: str, text: str = "") -> ET.Element:
    element = ET.SubElement(parent, _tag(name))
    if text:
        element.text = _clean(text)
    return element


def _code(parent: ET.Element, name: str, code: str, uri: str, version: str) -> None:
    element = ET.SubElement(parent, _tag(name), {"listURI": uri, "listVersionID": version})
    # Unqualified in the standard's own type.
    ET.SubElement(element, "code").text = code


def _clean(text: str) -> str:
    """Without characters XML 1.0 does not know."""
    return "".join(sign for sign in text if sign in "\t\n\r" or sign >= " ")


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _ZIP_TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)
