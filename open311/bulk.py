"""POST bulk: many requests as one CSV file, with a result for each row.

The columns are the fields of POST requests, in any order; extra questions are columns such as
`attribute[lage]`. Each row stands alone: a bad one is named and the others are kept. Good rows are
answered by token and wait behind citizens.
"""

import csv
import hashlib
import io
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext as _

from accounts.models import ApiClient, Municipality
from accounts.request_bodies import is_multipart
from open311 import keys
from open311.document import Document, Items
from open311.endpoint import Answer, Ask
from open311.forms import Form, form_of_row, read_bytes, read_form, text_of
from open311.jurisdictions import town_of
from open311.refusals import Refused, bad
from open311.submission import check, count, read_sent, submit

MAX_ROWS = 200
LIST_SEPARATOR = "|"


def post_bulk(ask: Ask) -> Answer:
    """Accept what can be accepted, row by row: 201, or 400 where no row was good."""
    sheet, words = _sheet(ask)
    town = town_of(ask.request, words.words.text("jurisdiction_id"))
    client = keys.client_of(ask, words.words.text("api_key"))
    keys.check_town(client, town)
    keys.check_bulk(client)
    rows = list(_rows(sheet))
    file_key = ask.request.headers.get("Idempotency-Key", "")
    results = [
        _result(ask, row, town, client, number, file_key) for number, row in enumerate(rows, 1)
    ]
    kept = sum("errors" not in result for result in results)
    document = Document("service_requests", Items("request", results))
    return Answer(document, status=201 if kept else 400)


def _sheet(ask: Ask) -> tuple[str, Form]:
    """The text of the file with the fields beside it."""
    if is_multipart(ask.request):
        form = read_form(ask.request)
        file = form.csv or next(iter(form.files), None)
        if file is None:
            raise bad(_("Die Datei fehlt: bitte als Teil csv senden."))
        raw = (
            file if isinstance(file, bytes) else file.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        )
        if len(raw) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig
        return text_of(raw), form
    return text_of(read_bytes(ask.request)), Form(ask.request.GET.dict())


def _rows(sheet: str) -> Iterator[dict[str, str]]:
    head = sheet.partition("\n")[0]
    delimiter = ";" if head.count(";") > head.count(",") else ","
    reader = csv.DictReader(io.StringIO(sheet, newline=""), delimiter=delimiter)
    if "service_code" not in [name.strip() for name in reader.fieldnames or []]:
        raise bad(_("Die erste Zeile nennt die Spalten, darunter service_code."))
    try:
        for number, row in enumerate(reader, start=1):
            if number > MAX_ROWS:
                raise bad(_("Bitte senden Sie höchstens %(rows)d Zeilen.") % {"rows": MAX_ROWS})
            yield {name.strip(): value or "" for name, value in row.items() if name}
    except csv.Error:
        raise bad(_("Die Datei ist keine lesbare CSV-Datei.")) from None


def _result(
    ask: Ask,
    row: dict[str, str],
    town: Municipality,
    client: ApiClient,
    number: int,
    file_key: str,
) -> dict[str, Any]:
    try:
        count(ask, client)
        form = form_of_row(row, LIST_SEPARATOR)
        sent = read_sent(ask, form, client, town, key=_row_key(file_key, row, number))
        if ask.is_test:
            check(sent)
            return {"row": number, "service_request_id": None}
        record, _replayed = submit(ask, sent, client, by_token=True)
        return {"row": number} | record
    except Refused as refused:
        faults = [
            {"code": fault.code, "description": str(fault.description)} for fault in refused.faults
        ]
        return {"row": number, "errors": Items("error", faults)}


def _row_key(file_key: str, row: dict[str, str], number: int) -> str:
    """The row's own id, or its place in a file with a key; empty where there is neither."""
    own = row.get("external_id", "").strip()
    if not own and not file_key.strip():
        return ""
    name = own or f"{file_key}:{number}"
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()
