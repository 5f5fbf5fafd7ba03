"""What a town changes about the words that are looked for in reports."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from routing.word_matching import LINE_LIMIT, is_usable

LINES_LIMIT = 500


class TopicKind(models.TextChoices):
    """What finding one of the words means."""

    DANGER = "danger", _("Gefahr")
    NOT_OFFERED = "not_offered", _("wird hier nicht angeboten")


# The shipped topics by their German names; a town's own topics go by their code.
LABELS = {
    "gas": _("Gas"),
    "fire": _("Feuer"),
    "electricity": _("Strom"),
    "person": _("Mensch in Not"),
    "violence": _("Gewalt"),
    "explosive": _("Sprengkörper"),
    "road": _("Verkehr"),
    "tree": _("Baum droht zu fallen"),
    "hazmat": _("Gefahrstoff"),
    "water": _("Wasser"),
    "access": _("Rettungsweg"),
    "acute": _("akute Gefahr"),
    "parking": _("Falschparken"),
    "accusation": _("Anzeige gegen Personen"),
    "staff_complaint": _("Beschwerde über Beschäftigte"),
    "child_protection": _("Kinderschutz"),
}


def topic_label(code: str) -> str:
    """The name of a topic for staff; the code of one the town has made itself."""
    return str(LABELS.get(code, code))


def lines_of(text: str) -> list[str]:
    """The lines of a list as a person typed it, without empty ones."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def refuse_useless_lines(text: str) -> None:
    """Raise ValidationError naming the line of a list that could never, or always, be found."""
    lines = lines_of(text)
    if len(lines) > LINES_LIMIT:
        raise ValidationError(gettext("Höchstens %(limit)d Zeilen.") % {"limit": LINES_LIMIT})
    for line in lines:
        if not is_usable(line):
            raise ValidationError(
                gettext(
                    "„%(line)s“ ist kein Stichwort: mindestens zwei Buchstaben, "
                    "höchstens %(limit)d Zeichen."
                )
                % {"line": line[:40], "limit": LINE_LIMIT}
            )


class WordTopic(models.Model):
    """A topic a text may touch: a danger, or something this town takes no reports on.

    Shipped topics work without any row. A row with the code of a shipped topic adds to it, takes
    words out, or switches it off; a row with a code of its own is a topic of the town.
    """

    municipality = models.ForeignKey(
        "accounts.Municipality",
        models.CASCADE,
        related_name="word_topics",
        verbose_name=_("Kommune"),
    )
    kind = models.CharField(_("Bedeutung"), max_length=12, choices=TopicKind.choices)
    code = models.SlugField(_("Code"), max_length=40)
    words = models.TextField(
        _("weitere Stichwörter"),
        blank=True,
        default="",
        validators=[refuse_useless_lines],
        help_text=_("Je Zeile eines. * = beliebige Buchstaben, / = oder, … = Wörter dazwischen."),
    )
    hint_words = models.TextField(
        _("Stichwörter nur für einen Hinweis"),
        blank=True,
        default="",
        validators=[refuse_useless_lines],
        help_text=_("Bei Gefahr: Der Hinweis erscheint, die Bereitschaft wird nicht alarmiert."),
    )
    unused_words = models.TextField(
        _("mitgelieferte Stichwörter, die hier nicht gelten"),
        blank=True,
        default="",
        help_text=_("Zeilen genau wie in der mitgelieferten Liste."),
    )
    text = models.CharField(_("Hinweis vor dem Absenden"), max_length=400, blank=True, default="")
    text_en = models.CharField(_("Hinweis (englisch)"), max_length=400, blank=True, default="")
    contact = models.CharField(_("zuständige Stelle"), max_length=120, blank=True, default="")
    phone = models.CharField(_("Rufnummer"), max_length=40, blank=True, default="")
    url = models.URLField(_("Internetseite"), blank=True, default="")
    is_active = models.BooleanField(_("in Kraft"), default=True)

    class Meta:
        verbose_name = _("Stichwort-Hinweis")
        verbose_name_plural = _("Stichwort-Hinweise")
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "kind", "code"], name="word_topic_code_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {topic_label(self.code)}"
