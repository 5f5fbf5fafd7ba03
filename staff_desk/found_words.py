"""Personal data in the text of a case, marked in the original and hidden in a proposal."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django import forms
from django.utils.html import format_html, format_html_join, linebreaks
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from reports.personal_data import (
    KIND_WORDS,
    find_in,
    found_in_answer,
    kinds_in_words,
    kinds_of,
    proposed_public_text,
)
from reports.queries.desk_case import CaseFile
from textguard.spans import Span


@dataclass(frozen=True)
class FoundWords:
    """What the approval page draws: the original with marks, kinds in words, the proposal."""

    original: SafeString
    kinds: str
    proposal: str
    has_unsure: bool


def found_words(case: CaseFile) -> FoundWords:
    """Look through the text of a case; one query. The public text as it stands is kept."""
    text = case.submission.description
    spans = find_in(text, case.report.municipality_id, case.report.category)
    return FoundWords(
        original=_marked(text, spans),
        kinds=kinds_in_words(kinds_of(spans)),
        proposal=case.submission.public_text or proposed_public_text(text, spans),
        has_unsure=not all(span.is_sure for span in spans),
    )


def kinds_in_answer(case: CaseFile, form: forms.Form) -> str:
    """Personal data in words that will be public, as kinds in words; "" where nothing is found."""
    public = (name for name, field in form.fields.items() if getattr(field, "is_public", False))
    text = "\n".join(form.cleaned_data.get(name) or "" for name in public)
    return kinds_in_words(kinds_of(found_in_answer(text, case.report)))


def seen_mark(form: forms.Form) -> str:
    """Stands for the words somebody was told about, so that other words are looked at again."""
    return hashlib.sha256(str(form.cleaned_data.get("text", "")).encode()).hexdigest()[:16]


def _marked(text: str, spans: Sequence[Span]) -> SafeString:
    """The text as HTML in paragraphs; everything typed is escaped, found words are marked."""
    inside = format_html_join("", "{}", ((piece,) for piece in _pieces(text, spans)))
    return mark_safe(linebreaks(inside, autoescape=False))  # noqa: S308 - escaped just above


def _pieces(text: str, spans: Sequence[Span]) -> Iterable[str]:
    at = 0
    for span in spans:
        yield text[at : span.start]
        yield _mark(text[span.start : span.end], span)
        at = span.end
    yield text[at:]


def _mark(words: str, span: Span) -> SafeString:
    kind = KIND_WORDS[span.kind]
    label = kind if span.is_sure else _("%(kind)s, unsicher") % {"kind": kind}
    return format_html(
        '<mark class="found{}" title="{}">{}<span class="kern-sr-only"> ({})</span></mark>',
        "" if span.is_sure else " found--unsure",
        label,
        words,
        label,
    )
