"""Personal data in the text of a case, marked in the original and hidden in a proposal."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
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


@dataclass(frozen=True)
class SpanChoice:
    """A found word that can be covered or shown; `index` counts them in the original from 1."""

    index: int
    words: str
    label: str
    placeholder: str
    is_covered: bool


def choices_of(case: CaseFile, shown: str) -> list[SpanChoice]:
    """The found words of the original, and which of them `shown` does not contain any more."""
    text = case.submission.description
    spans = find_in(text, case.report.municipality_id, case.report.category)
    return [
        SpanChoice(
            index=index,
            words=text[span.start : span.end],
            label=_label(span),
            placeholder=span.kind.placeholder,
            is_covered=text[span.start : span.end] not in shown,
        )
        for index, span in enumerate(spans, start=1)
    ]


def masked_by(case: CaseFile, chosen: Collection[int]) -> str:
    """The original with placeholders for the chosen words only."""
    text = case.submission.description
    spans = find_in(text, case.report.municipality_id, case.report.category)
    kept = [span for index, span in enumerate(spans, start=1) if index in chosen]
    return proposed_public_text(text, kept)


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
    for index, span in enumerate(spans, start=1):
        yield text[at : span.start]
        yield _mark(text[span.start : span.end], span, index)
        at = span.end
    yield text[at:]


def _mark(words: str, span: Span, index: int) -> SafeString:
    label = _label(span)
    return format_html(
        '<mark class="found{}" data-span-mark="{}" title="{}">{}'
        '<span class="kern-sr-only"> ({})</span></mark>',
        "" if span.is_sure else " found--unsure",
        index,
        label,
        words,
        label,
    )


def _label(span: Span) -> str:
    """The kind in words, and whether a rule is unsure."""
    kind = str(KIND_WORDS[span.kind])
    return kind if span.is_sure else _("%(kind)s, unsicher") % {"kind": kind}
