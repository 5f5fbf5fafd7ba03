"""Every stable code the API answers with, as a page in both languages: docs/api/codes.md.

Written from the code by `manage.py openapi --write`, so that no code is missing there.
"""

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext_lazy as _

from mobile_api.problems import FIELD_FAULTS, KINDS, Words, in_both_languages
from mobile_api.v1.additions_problems import CLOSED_WORDS, PHOTO_WORDS
from reports.photos import REJECTIONS

# What the rules of a report say in `errors`; their sentences depend on the town and the answer.
RULE_FAULTS: dict[str, Words] = {
    "outside": _("Der Ort liegt in keiner teilnehmenden Kommune oder nicht in der genannten."),
    "other_municipality": _("Der Ort liegt in einer anderen Kommune dieser Installation."),
    "unknown_municipality": _("Diese Kommune gibt es hier nicht."),
    "unknown_category": _("Diese Anliegenart gibt es hier nicht."),
    "category_not_offered": _("Diese Anliegenart wird zurzeit nicht angeboten."),
    "category_paused": _("Diese Anliegenart ist hier gerade abgeschaltet; der Satz sagt, wohin."),
    "description_or_photo": _("Es fehlt eine Beschreibung oder ein Foto."),
    "too_long": _("Dieser Text ist zu lang."),
    "too_many_photos": _("Das sind zu viele Fotos."),
    "unknown_asset": _("Eines der Objekte gibt es hier nicht oder nicht mehr."),
    "too_many_assets": _("Das sind zu viele Objekte."),
    "unstorable": FIELD_FAULTS["forbidden_characters"],
    "email_invalid": _("An diese Adresse kann keine E-Mail gehen."),
    "phone_missing": _("Wer einen Rückruf möchte, muss eine Nummer nennen."),
    "postal_missing": _("Wer einen Brief möchte, muss eine Anschrift nennen."),
    "answer_required": _("Diese Zusatzfrage muss beantwortet werden."),
    "answer_invalid": _("Diese Antwort passt nicht zur Zusatzfrage."),
    "unknown_question": _("Diese Zusatzfrage gibt es bei der Anliegenart nicht."),
    "invalid_idempotency_key": _(
        "Erwartet werden 8 bis 200 sichtbare ASCII-Zeichen, z. B. eine UUID."
    ),
    "area_missing": _("Es fehlt eines von municipality, lat und lon, bbox."),
}

_REJECTIONS: dict[str, Words] = {str(code): words for code, words in REJECTIONS.items()}
_HEAD = """# Fehlercodes · Error codes

Aus dem Code geschrieben (`manage.py openapi --write`). Written from the code.
"""


def as_markdown() -> str:
    """The page: problems by status, then single faults, then what photos are refused for."""
    parts = [
        _HEAD,
        "## `code` (problem details, RFC 9457)\n",
        *_table(("Code", "Status", "Deutsch", "English", "Was tun · What to do"), _problems()),
        "\n## `errors[].code`\n",
        *_table(("Code", "Deutsch", "English"), _faults(FIELD_FAULTS | RULE_FAULTS | PHOTO_WORDS)),
        "\n## `photos[].code`\n",
        *_table(
            ("Code", "Deutsch", "English"),
            _faults(_REJECTIONS),
        ),
        "\n## `reason` (`case_closed`)\n",
        *_table(("Code", "Deutsch", "English"), _faults(CLOSED_WORDS)),
    ]
    return "\n".join(parts) + "\n"


def _problems() -> Iterator[tuple[str, ...]]:
    for code, kind in sorted(KINDS.items(), key=lambda pair: (pair[1].status, pair[0])):
        title, advice = _both(kind.title), _both(kind.advice)
        yield f"`{code}`", str(kind.status), *title, " · ".join(advice)


def _faults(words: Mapping[str, Words]) -> Iterator[tuple[str, ...]]:
    for code, text in sorted(words.items()):
        yield f"`{code}`", *_both(text)


def _both(words: Words) -> tuple[str, str]:
    told = in_both_languages("text", words)
    return told["text"], told["text_en"]


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    for row in (head, ("---",) * len(head), *rows):
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
