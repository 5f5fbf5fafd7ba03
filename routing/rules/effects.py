"""What follows from a rule besides the office: values, limits, and words for them. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

TAG_LIMIT = 30
MOST_TAGS = 8
NOTICE_LIMIT = 400

# Urgency of a case by code, from the most urgent to the least; "" stands for ordinary.
PRIORITIES = {"urgent": "dringend", "high": "hoch", "": "normal", "low": "niedrig"}


@dataclass(frozen=True)
class Effects:
    """What a rule orders for its cases; ids of people, teams and offices of the same town.

    `around_the_clock`: hours count day and night instead of in the office's hours. `publication`
    is a policy that can only narrow that of the category. `first_look`: the dispatch office looks
    first. `notice` is told to whoever reported it. `copies` are offices that are informed.
    """

    team_id: int | None = None
    team_name: str = ""
    assignee_id: int | None = None
    priority: str = ""
    first_answer_hours: int | None = None
    around_the_clock: bool = False
    tags: tuple[str, ...] = ()
    publication: str = ""
    first_look: bool = False
    is_confidential: bool = False
    notice: str = ""
    copies: tuple[int, ...] = ()


NOTHING_ELSE = Effects()

_PUBLICATION = {
    "after_approval": "öffentlich erst nach Freigabe",
    "coarse": "öffentlich nur grober Ort und Monat",
    "never": "nie öffentlich",
}


def effects_in_words(
    effects: Effects,
    *,
    offices: dict[int, str],
    completion_hours: int | None = None,
    marks_danger: bool = False,
    with_hours: bool = True,
) -> Iterator[str]:
    """What a rule orders, as short German phrases; people are not named.

    `offices` maps ids to labels. Without hours, the first look is left out as well.
    """
    if marks_danger:
        yield "Gefahr: Bereitschaft wird alarmiert"
    if effects.first_look and with_hours:
        yield "erst Sichtung durch die Dispositionsstelle"
    yield from _work_in_words(effects)
    if with_hours:
        yield from _hours_in_words(effects, completion_hours)
    yield from _told_in_words(effects, offices)


def _work_in_words(effects: Effects) -> Iterator[str]:
    if effects.team_id is not None:
        yield f"Team »{effects.team_name}«"
    if effects.assignee_id is not None:
        yield "einer Person zugewiesen"
    if effects.priority:
        yield f"Dringlichkeit {PRIORITIES[effects.priority]}"
    if effects.tags:
        yield f"Schlagwörter {', '.join(f'»{tag}«' for tag in effects.tags)}"


def _told_in_words(effects: Effects, offices: dict[int, str]) -> Iterator[str]:
    if effects.is_confidential:
        yield "vertraulich"
    if effects.publication in _PUBLICATION:
        yield _PUBLICATION[effects.publication]
    named = [offices[office] for office in effects.copies if office in offices]
    if named:
        yield f"zur Kenntnis an {', '.join(named)}"
    if effects.notice:
        yield f"Hinweis an die meldende Person: »{effects.notice}«"


def _hours_in_words(effects: Effects, completion_hours: int | None) -> Iterator[str]:
    unit = "Stunden rund um die Uhr" if effects.around_the_clock else "Arbeitsstunden"
    if effects.first_answer_hours is not None:
        yield f"erste Antwort in {effects.first_answer_hours} {unit}"
    if completion_hours is not None:
        yield f"Erledigung in {completion_hours} {unit}"
    elif effects.around_the_clock and effects.first_answer_hours is None:
        yield "Fristen rund um die Uhr"
