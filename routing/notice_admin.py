"""Editing the words that are looked for in reports, and notices and pauses of categories."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.scoped_admin import SameTownForm, ScopedAdmin, refuse_reversed
from routing.category_notice import CategoryNotice
from routing.word_topic import WordTopic, lines_of, topic_label
from routing.word_topics import shipped, shipped_codes

_own_towns = admin.RelatedOnlyFieldListFilter


class WordTopicForm(SameTownForm):
    """A topic of the town, or its changes to a shipped one."""

    url = forms.URLField(label=_("Internetseite"), required=False, assume_scheme="https")

    def clean(self) -> dict[str, Any]:
        """Take out only what is shipped; a topic of the town's own needs words and a text."""
        values = super().clean()
        base = shipped(values.get("kind", ""), values.get("code", ""))
        known = {line for lines in _shipped_lists(base) for line in lines}
        strange = [line for line in lines_of(values.get("unused_words", "")) if line not in known]
        if strange:
            self.add_error(
                "unused_words",
                _("„%(line)s“ steht nicht in der mitgelieferten Liste.")
                % {"line": strange[0][:60]},
            )
        if base is None and not (values.get("words") and values.get("text")):
            self.add_error("words", _("Ein eigenes Thema braucht Stichwörter und einen Hinweis."))
        return values


@admin.register(WordTopic)
class WordTopicAdmin(ScopedAdmin):
    """Danger words and topics not offered here, with what is shipped beside them."""

    form = WordTopicForm
    list_display = ["topic", "kind", "municipality", "contact", "phone", "is_active"]
    list_display_links = ["topic"]
    list_filter = [("municipality", _own_towns), "kind", "is_active"]
    ordering = ["municipality", "kind", "code"]
    readonly_fields = ["shipped_words"]
    fieldsets = [
        (None, {"fields": ["municipality", "kind", "code", "is_active"]}),
        (_("Hinweis"), {"fields": ["text", "text_en", "contact", "phone", "url"]}),
        (_("Stichwörter"), {"fields": ["words", "hint_words", "unused_words", "shipped_words"]}),
    ]

    @admin.display(description=_("Thema"), ordering="code")
    def topic(self, row: WordTopic) -> str:
        """The topic by its name."""
        return topic_label(row.code)

    @admin.display(description=_("mitgeliefert"))
    def shipped_words(self, row: WordTopic) -> SafeString | str:
        """The shipped lines of the topic by language, or the codes that can be changed."""
        base = shipped(row.kind, row.code)
        if base is None:
            codes = ", ".join(f"{code} ({topic_label(code)})" for _kind, code in shipped_codes())
            return gettext("Mitgelieferte Themen: %(codes)s") % {"codes": codes}
        rows = [(name, "\n".join(lines)) for name, lines in base.strong.items()]
        rows += [
            (name + " (" + gettext("nur Hinweis") + ")", "\n".join(lines))
            for name, lines in base.weak.items()
        ]
        inner = format_html_join("", "<dt>{}</dt><dd><pre>{}</pre></dd>", rows)
        return format_html(
            "<details><summary>{}</summary><dl>{}</dl></details>",
            gettext("Stichwörter in %(count)d Listen") % {"count": len(rows)},
            inner,
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A topic keeps its meaning: what was recorded names it by code."""
        fields = super().get_readonly_fields(request, obj)
        return (*fields, "kind", "code") if obj else fields


class CategoryNoticeForm(SameTownForm):
    """A notice with its English text as a field."""

    url = forms.URLField(label=_("Internetseite"), required=False, assume_scheme="https")
    text_en = forms.CharField(
        label=_("Text (englisch)"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 80}),
    )

    class Meta:
        widgets = {"text": forms.Textarea(attrs={"rows": 2, "cols": 80})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text_en"].initial = (self.instance.translations or {}).get("en", "")

    def clean(self) -> dict[str, Any]:
        """Dates in order; both where they come back every year."""
        values = super().clean()
        dates = (values.get("valid_from"), values.get("valid_to"))
        if values.get("is_yearly"):
            if None in dates:
                self.add_error("valid_from", _("Jedes Jahr: Bitte beide Tage angeben."))
        else:
            refuse_reversed(self, "valid_from", "valid_to", _("Das Ende liegt vor dem Anfang."))
        others = {
            language: text
            for language, text in (self.instance.translations or {}).items()
            if language != "en"
        }
        english = values.get("text_en")
        self.instance.translations = others | ({"en": english} if english else {})
        return values


@admin.register(CategoryNotice)
class CategoryNoticeAdmin(ScopedAdmin):
    """Dated and seasonal notices, and times in which a category is not offered."""

    form = CategoryNoticeForm
    list_display = [
        "text",
        "category",
        "area",
        "effect",
        "valid_from",
        "valid_to",
        "is_yearly",
        "is_active",
    ]
    list_filter = [("municipality", _own_towns), "effect", "is_active", ("category", _own_towns)]
    list_select_related = ["category", "area"]
    ordering = ["municipality", "-valid_from", "pk"]
    fieldsets = [
        (None, {"fields": ["municipality", "effect", "text", "text_en", "is_active"]}),
        (_("Wofür"), {"fields": ["category", "area"]}),
        (_("Wann"), {"fields": [("valid_from", "valid_to", "is_yearly"), "hours"]}),
        (_("Wohin"), {"fields": ["contact", "phone", "url"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        """The shapes of areas are not needed."""
        return super().get_queryset(request).defer("area__geometry")


def _shipped_lists(base: Any) -> list[tuple[str, ...]]:
    return [*base.strong.values(), *base.weak.values()] if base else []
