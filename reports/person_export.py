"""A copy of what is held on a person (Articles 15 and 20 GDPR): JSON, files, a page to read.

Only what the person gave or was told: no internal notes, no names of staff, nothing of others.
"""

import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO, Any

from django.template.loader import render_to_string
from django.utils.translation import gettext

from notifications import outbox
from reports import photo_storage
from reports.models import Contact, Photo, Report
from reports.photo_intake import seal_context
from reports.queries.person import Found
from reports.queries.receipt import receipt_view

IN_MEMORY = 5 * 1024 * 1024


def export_report(report: Report, *, now: datetime) -> IO[bytes]:
    """The copy for whoever holds the receipt of a report."""
    return export(Found([report], [], []), now=now)


def export(found: Found, *, now: datetime) -> IO[bytes]:
    """A ZIP at its beginning: daten.json, uebersicht.html, fotos/…"""
    cases = [_case(report, now) for report in found.reports]
    data = {
        "erstellt": now.isoformat(),
        "meldungen": cases,
        "mitbetroffen": [
            {
                "vorgang": each.report.number,
                "e_mail": each.email,
                "seit": each.created_at.isoformat(),
            }
            for each in found.supports
        ],
        "e_mails": [
            {
                "eingegangen": mail.received_at.isoformat(),
                "betreff": mail.subject,
                "text": mail.body,
            }
            for mail in found.mails
        ],
    }
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - given to the caller
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("daten.json", json.dumps(data, ensure_ascii=False, indent=2))
        page = render_to_string("reports/person_export.html", data)
        archive.writestr("uebersicht.html", page)
        for report in found.reports:
            for name, content in _photos(report):
                archive.writestr(name, content)
    file.seek(0)
    return file


def _case(report: Report, now: datetime) -> dict[str, Any]:
    view = receipt_view(report, now=now)
    contact = Contact.objects.filter(report=report).first() or Contact()
    return {
        "vorgang": view.number,
        "anliegenart": view.category_name,
        "zustaendig": view.office_name,
        "stand": report.get_status_display(),
        "eingegangen": view.received_at.isoformat(),
        "abgeschlossen": view.closed_at.isoformat() if view.closed_at else None,
        "eingegangen_ueber": report.get_source_display(),
        "laenge": view.lon,
        "breite": view.lat,
        "genauigkeit_m": view.accuracy_m,
        "adresse": view.address,
        "beschreibung": view.description,
        "zusatzangaben": view.answers,
        "oeffentlich": view.is_public,
        "widersprueche": view.objections,
        "kontakt": {
            "name": contact.name,
            "e_mail": contact.email,
            "telefon": contact.phone,
            "anschrift": contact.postal_address,
            "antwort_per": contact.get_answer_by_display(),
        },
        "verlauf": [
            {"wann": step.at.isoformat(), "was": step.sentence, "text": step.text}
            for step in view.timeline
        ],
        "nachrichten": [
            {
                "wann": each.created_at.isoformat(),
                "anlass": each.event_label,
                "stand": each.state_label,
            }
            for each in outbox.states_for(report.number)
            if outbox.is_for_citizens(each.event)
        ],
        "fotos": [name for name, _photo in _named(report)],
        "einwilligungen": list(_consents(report, contact)),
        "weitergaben": [
            {
                "an": passing.body.name,
                "wann": passing.passed_at.isoformat(),
                "mit_kontaktdaten": passing.with_contact,
                "fotos": passing.photos,
            }
            for passing in report.passings.select_related("body").order_by("passed_at", "pk")
        ],
    }


def _consents(report: Report, contact: Contact) -> Iterator[dict[str, Any]]:
    """What the person agreed to, since when and until when."""
    if contact.email_confirmed_at:
        words = gettext("E-Mails zum Vorgang: %(which)s") % {"which": contact.get_wants_display()}
        yield {"wofuer": words, "seit": contact.email_confirmed_at.isoformat(), "bis": None}
    given = report.body_consents.select_related("body").order_by("given_at", "pk")
    for consent in given:
        ended = consent.revoked_at
        words = gettext("Kontaktdaten an %(body)s") % {"body": consent.body.name}
        yield {
            "wofuer": words,
            "seit": consent.given_at.isoformat(),
            "bis": ended.isoformat() if ended else None,
        }


def _named(report: Report) -> list[tuple[str, Photo]]:
    rows = Photo.objects.filter(report=report).exclude(original_key="").order_by("ordinal")
    return [
        (f"fotos/{report.number}-{photo.ordinal}.{photo.format.lower()}", photo) for photo in rows
    ]


def _photos(report: Report) -> Iterable[tuple[str, bytes]]:
    for name, photo in _named(report):
        yield (
            name,
            photo_storage.read_original(photo.original_key, seal_context(report.municipality.slug)),
        )
