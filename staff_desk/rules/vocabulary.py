"""What conditions of rules can be made of in one town: kinds, values, and their names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models.functions import Length
from django.utils.translation import gettext as _

from reports.models import Source
from routing.area_attributes import AREA_ATTRIBUTES
from routing.models import Area, AreaLevel, Category, Datatype, Question
from routing.question_info import question_info
from routing.rules.parts import PARTS
from routing.rules.wording import WEEKDAYS

MOST_AREAS = 400
Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class AskedQuestion:
    """An extra question conditions can look at, with its choices."""

    code: str
    text: str
    label: str
    options: Choices
    is_number: bool
    is_confidential: bool


@dataclass(frozen=True)
class Vocabulary:
    """Values by kind of condition, and the questions by code."""

    values: Mapping[str, Choices]
    questions: Mapping[str, AskedQuestion]

    def names(self, kind: str) -> dict[str, str]:
        """The name of each value of a kind."""
        return dict(self.values.get(kind, ()))


def kinds() -> Choices:
    """Every kind of condition with its name, in the order in which they are offered."""
    return [
        ("area", _("Gebiet")),
        ("category", _("Anliegenart oder Gruppe")),
        ("words", _("Wörter im Text")),
        ("answer", _("Antwort auf eine Zusatzfrage")),
        ("number", _("Zahl als Antwort")),
        ("part", _("Teil der Straße")),
        ("road_class", _("Straßenklasse")),
        ("through_road", _("Ortsdurchfahrt")),
        ("ownership", _("Eigentum am Grundstück")),
        ("asset", _("Objekt aus einem Verzeichnis")),
        ("source", _("Eingangsweg")),
        ("season", _("Jahreszeit")),
        ("weekday", _("Wochentag")),
        ("time", _("Uhrzeit")),
        ("holiday", _("Feiertag")),
        ("age", _("Alter der Meldung")),
    ]


def load_vocabulary(municipality_id: int) -> Vocabulary:
    """What a town offers for conditions; three queries."""
    values: dict[str, Choices] = {
        "area": _areas(municipality_id),
        "category": _categories(municipality_id),
        "source": [(value, str(label)) for value, label in Source.choices],
        "weekday": [(str(place), name) for place, name in enumerate(WEEKDAYS)],
        "part": list(PARTS.items()),
    }
    for attribute, (_name, names) in AREA_ATTRIBUTES.items():
        values[attribute] = [(key, str(name)) for key, name in names.items()]
    return Vocabulary(values, _questions(municipality_id))


def _areas(municipality_id: int) -> Choices:
    """Areas by what stays the same for every version; plots of land are too many to choose from."""
    rows = (
        Area.objects.filter(municipality_id=municipality_id)
        .exclude(level=AreaLevel.PARCEL)
        .order_by("level", "name", "key", "-valid_from")
        .values_list("level", "key", "name")
    )
    found: dict[str, str] = {}
    for level, key, name in rows:
        found.setdefault(f"{level}:{key}", f"{name} ({AreaLevel(level).label})")
    return list(found.items())[:MOST_AREAS]


def _categories(municipality_id: int) -> Choices:
    rows = Category.objects.filter(municipality_id=municipality_id).select_related("parent")
    ordered = sorted(rows, key=lambda row: (row.parent or row).name + " / " * bool(row.parent))
    return [
        (row.code, f"{row.parent.name}: {row.name}" if row.parent else row.name) for row in ordered
    ]


def _questions(municipality_id: int) -> dict[str, AskedQuestion]:
    rows = (
        Question.objects.filter(category__municipality_id=municipality_id)
        .exclude(datatype=Datatype.TEXT)
        .select_related("category")
        .order_by("category__name", "order", Length("text"))
    )
    found: dict[str, AskedQuestion] = {}
    for row in rows:
        info = question_info(row, "de")
        options = [(option.key, option.text) for option in info.options]
        before = found.get(row.code)
        if before is not None:
            # Questions of several categories can share a code; a condition means all of them.
            options = list(dict([*before.options, *options]).items())
        found[row.code] = AskedQuestion(
            code=row.code,
            text=before.text if before else row.text,
            label=before.label if before else f"{row.category.name}: {row.text}",
            options=options,
            is_number=row.datatype == Datatype.NUMBER,
            is_confidential=row.is_confidential or bool(before and before.is_confidential),
        )
    return found
