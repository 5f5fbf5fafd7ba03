"""Every problem the API can answer with: stable codes, in German and English (RFC 9457)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


@dataclass(frozen=True)
class Kind:
    """A kind of problem: its HTTP status, what it means, and what the client should do."""

    status: int
    title: Words
    advice: Words


KINDS: dict[str, Kind] = {
    "invalid_request": Kind(
        400,
        _("Die Anfrage enthält Fehler."),
        _("`errors` nennt jedes fehlerhafte Feld. Nicht unverändert wiederholen."),
    ),
    "unreadable_body": Kind(
        400,
        _("Der Inhalt der Anfrage ist nicht lesbar."),
        _("JSON in UTF-8 oder multipart/form-data senden, vollständig übertragen."),
    ),
    "not_authenticated": Kind(
        401,
        _("Das Token wird nicht anerkannt."),
        _("Token prüfen oder die Kopfzeile weglassen: Melden geht auch ohne Token."),
    ),
    "permission_denied": Kind(
        403,
        _("Das ist mit diesem Zugang nicht erlaubt."),
        _("Ein Token einer Kommune gilt nur für diese Kommune."),
    ),
    "not_found": Kind(
        404,
        _("Das gibt es nicht."),
        _("Adresse prüfen. Nicht öffentliche Meldungen zeigt nur die Quittung."),
    ),
    "not_covered": Kind(
        404,
        _("An diesem Ort macht keine Kommune mit."),
        _("Die Person an ihre Stadt- oder Gemeindeverwaltung verweisen."),
    ),
    "method_not_allowed": Kind(
        405,
        _("Diese Methode gibt es hier nicht."),
        _("Die Kopfzeile `Allow` nennt die erlaubten Methoden."),
    ),
    "no_address": Kind(
        404,
        _("Zu dieser Meldung gibt es keine E-Mail-Adresse."),
        _("Nachrichten gibt es nur mit Adresse; den Stand zeigt die Quittung."),
    ),
    "case_closed": Kind(
        409,
        _("Zu dieser Meldung kann nichts mehr hinzukommen."),
        _("`reason` sagt, warum: withdrawn, archived, refused oder closed. Nicht wiederholen."),
    ),
    "no_open_question": Kind(
        409,
        _("Zu dieser Meldung ist keine Frage offen."),
        _("Die Meldung neu lesen; was noch fehlt, als Nachricht senden."),
    ),
    "already_answered": Kind(
        409,
        _("Diese Frage ist schon anders beantwortet."),
        _("Was noch fehlt, als Nachricht senden."),
    ),
    "not_withdrawable": Kind(
        409,
        _("Diese Meldung ist schon abgeschlossen und lässt sich nicht mehr zurückziehen."),
        _("`actions` der Meldung sagt, was möglich ist."),
    ),
    "feedback_closed": Kind(
        409,
        _("Zu dieser Meldung wird nicht oder nicht mehr gefragt, ob es stimmt."),
        _("`feedback.open_until` der Meldung sagt, bis wann gefragt wird."),
    ),
    "feedback_given": Kind(
        409,
        _("Diese Frage ist für diese Meldung schon anders beantwortet."),
        _("Eine Antwort je Meldung. Was noch fehlt, als Nachricht senden."),
    ),
    "support_closed": Kind(
        409,
        _("Bei dieser Meldung zählt „Betrifft mich auch“ nicht oder nicht mehr."),
        _("Nur offene, genau veröffentlichte Meldungen zählen mit."),
    ),
    "push_not_offered": Kind(
        404,
        _("Mitteilungen aufs Gerät bietet diese Installation nicht an."),
        _("E-Mail anbieten, oder den Stand von Zeit zu Zeit lesen."),
    ),
    "upload_offset_moved": Kind(
        409,
        _("Der Upload steht an einer anderen Stelle."),
        _("Mit `HEAD` nach `Upload-Offset` fragen und von dort weitersenden."),
    ),
    "upload_gone": Kind(
        410,
        _("Diesen Upload gibt es nicht mehr."),
        _("Er ist abgelaufen oder gehört schon zu einer Meldung. Bei Bedarf neu beginnen."),
    ),
    "confirmation_expired": Kind(
        410,
        _("Der Bestätigungslink ist abgelaufen."),
        _("Die Meldung wird trotzdem bearbeitet; nur Antworten per E-Mail entfallen."),
    ),
    "length_required": Kind(
        411,
        _("Die Länge der Anfrage fehlt."),
        _("Die Kopfzeile `Content-Length` senden."),
    ),
    "tus_version": Kind(
        412,
        _("Diese Fassung des Upload-Protokolls wird nicht unterstützt."),
        _("Die Kopfzeile `Tus-Resumable: 1.0.0` senden."),
    ),
    "payload_too_large": Kind(
        413,
        _("Die Anfrage ist zu groß."),
        _("Höchstens 15 MB je Foto, 80 MB mit Fotos, 1 MB ohne. Fotos vorher verkleinern."),
    ),
    "unsupported_media_type": Kind(
        415,
        _("Dieses Format nehmen wir nicht an."),
        _("Den in der Beschreibung genannten Medientyp senden, ohne `Content-Encoding`."),
    ),
    "report_refused": Kind(
        422,
        _("So kann die Meldung nicht angenommen werden."),
        _("`errors` sagt, was zu ändern ist; die Texte sind für Menschen gedacht."),
    ),
    "addition_refused": Kind(
        422,
        _("So kann das nicht angenommen werden."),
        _("`errors` sagt, was zu ändern ist; die Texte sind für Menschen gedacht."),
    ),
    "idempotency_key_reused": Kind(
        422,
        _("Dieser Schlüssel gehört zu einer anderen Meldung."),
        _("Für jede Meldung einen neuen `Idempotency-Key` erzeugen, z. B. eine UUID."),
    ),
    "confirmation_invalid": Kind(
        422,
        _("Nummer und Bestätigungscode passen nicht zusammen."),
        _("Den Code vollständig aus der E-Mail übernehmen."),
    ),
    "too_many_uploads": Kind(
        429,
        _("Von diesem Anschluss warten zu viele Fotos auf ihre Meldung."),
        _("Begonnene Uploads verwenden oder löschen, sonst nach `Retry-After` wiederholen."),
    ),
    "too_many_requests": Kind(
        429,
        _("Von diesem Anschluss kamen zu viele Meldungen."),
        _("Nach der Zeit in `Retry-After` (Sekunden) mit demselben Schlüssel wiederholen."),
    ),
    "checksum_wrong": Kind(
        460,
        _("Die Prüfsumme passt nicht zu den Daten."),
        _("Nichts davon wurde behalten. Denselben Abschnitt noch einmal senden."),
    ),
    "internal_error": Kind(
        500,
        _("Bei uns ist ein Fehler aufgetreten."),
        _("Mit demselben Schlüssel wiederholen; wir wurden benachrichtigt."),
    ),
    "unavailable": Kind(
        503,
        _("Der Dienst ist gerade nicht erreichbar."),
        _("Nach der Zeit in `Retry-After` (Sekunden) mit demselben Schlüssel wiederholen."),
    ),
    "storage_full": Kind(
        507,
        _("Für Fotos ist gerade kein Platz."),
        _("Die Meldung ohne Fotos senden, oder später mit ihnen."),
    ),
}

# Codes of single faults in `errors`, beside those of the report's own rules.
FIELD_FAULTS: dict[str, Words] = {
    "required": _("Dieses Feld fehlt."),
    "null": _("Dieses Feld darf nicht leer sein."),
    "blank": _("Dieses Feld darf nicht leer sein."),
    "invalid": _("Dieser Wert hat nicht die erwartete Form."),
    "invalid_choice": _("Dieser Wert gehört nicht zur Auswahl."),
    "max_length": _("Dieser Wert ist zu lang."),
    "max_value": _("Dieser Wert ist zu groß."),
    "min_value": _("Dieser Wert ist zu klein."),
    "unknown_field": _("Dieses Feld gibt es nicht."),
    "unknown_part": _("Diesen Teil der Anfrage gibt es nicht."),
    "unknown_parameter": _("Diesen Parameter gibt es hier nicht."),
    "forbidden_characters": _("Dieser Wert enthält Zeichen, die wir nicht speichern können."),
    "one_line": _("Dieser Wert darf keinen Zeilenumbruch enthalten."),
    "too_deep": _("Diese Angabe ist zu tief verschachtelt."),
    "not_finite": _("Diese Zahl ist unendlich oder keine Zahl."),
    "too_many_files": _("Das sind zu viele Dateien."),
    "not_a_list": _("Erwartet wird eine Liste."),
    "empty": _("Hier wird mindestens ein Eintrag erwartet."),
    "push_service_unknown": _("Diesem Push-Dienst senden wir nichts."),
    "upload_unknown": _("Diesen Upload gibt es nicht oder nicht mehr."),
    "upload_used": _("Dieser Upload gehört schon zu einer Meldung."),
    "upload_incomplete": _("Dieser Upload ist noch nicht vollständig übertragen."),
    "upload_repeated": _("Dieser Upload ist doppelt genannt."),
    "file_name_missing": _("Zu jedem Foto gehört ein Dateiname, sonst ist es keine Datei."),
}


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, at a pointer into the JSON document or in a parameter or header."""

    code: str
    detail: Words
    pointer: str = ""
    parameter: str = ""
    header: str = ""

    def as_json(self) -> dict[str, str]:
        """The fault with its text in both languages."""
        place = {"pointer": self.pointer, "parameter": self.parameter, "header": self.header}
        return {
            **{name: value for name, value in place.items() if value},
            "code": self.code,
            **in_both_languages("detail", self.detail),
        }


@dataclass(frozen=True)
class FaultInBothLanguages(Fault):
    """A fault whose texts were rendered before, once in each language."""

    detail_en: str = ""

    def as_json(self) -> dict[str, str]:
        """The fault with its two texts as they are."""
        return super().as_json() | {"detail_en": self.detail_en}


class Problem(Exception):
    """Ends a request with problem details; `code` is one of KINDS."""

    def __init__(
        self,
        code: str,
        detail: Words | None = None,
        *,
        errors: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code)
        self.code, self.kind = code, KINDS[code]
        self.detail = detail if detail is not None else self.kind.title
        self.errors, self.headers, self.extra = list(errors), dict(headers or {}), dict(extra or {})

    def as_json(self, documentation: str) -> dict[str, Any]:
        """The members of the answer; `documentation` is the address of the readable page."""
        return {
            "type": f"{documentation}#problem-{self.code}",
            **in_both_languages("title", self.kind.title),
            "status": self.kind.status,
            "code": self.code,
            **in_both_languages("detail", self.detail),
            **self.extra,
            "errors": [fault.as_json() for fault in self.errors],
        }


@dataclass
class FaultList:
    """Collects faults of query parameters and raises them together."""

    faults: list[Fault] = field(default_factory=list)

    def add(self, parameter: str, code: str, detail: Words | None = None) -> None:
        """Note a fault of one parameter."""
        self.faults.append(Fault(code, detail or FIELD_FAULTS[code], parameter=parameter))

    def raise_if_any(self) -> None:
        """Raises Problem invalid_request where there was a fault."""
        if self.faults:
            raise Problem("invalid_request", errors=self.faults)


def in_both_languages(name: str, words: Words) -> dict[str, str]:
    """The German text under `name`, the English one under `name_en`."""
    with translation.override("de"):
        german = str(words)
    with translation.override("en"):
        return {name: german, f"{name}_en": str(words)}
