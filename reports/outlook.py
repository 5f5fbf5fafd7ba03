"""What would happen to a draft if it were sent now: the same rules as sending, without sending."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.gis.geos import Point

from accounts.models import Municipality
from reports.concerns import Concerns, concerns_of, texts_of
from reports.draft import CheckedDraft, Draft, SubmissionInvalid, check_draft
from reports.notices import Notice, duty_notice, notices_for, personal_data_notice
from routing import catalogue
from routing.answers import questions_of, stops_among
from routing.coverage import is_on_earth
from routing.models import Category
from routing.offering import Moment
from routing.question_info import asked


@dataclass(frozen=True)
class Outlook:
    """Faults by field as SubmissionInvalid names them, the town to turn to, and what to tell."""

    errors: dict[str, tuple[str, str]]
    elsewhere: Municipality | None
    notices: list[Notice]
    is_danger: bool
    is_restricted: bool


def outlook(town: Municipality, draft: Draft, *, photo_count: int, now: datetime) -> Outlook:
    """Check a draft, finished or not; texts come in the active language. Nothing is kept."""
    errors: dict[str, tuple[str, str]] = {}
    elsewhere: Municipality | None = None
    checked: CheckedDraft | None = None
    try:
        checked = check_draft(town, draft, photo_count=photo_count)
    except SubmissionInvalid as invalid:
        errors, elsewhere = invalid.errors, invalid.elsewhere
    category, concerns, advice = _judged(town, draft, checked)
    point = Point(draft.lon, draft.lat, srid=4326)
    here = point if is_on_earth(point) else None
    moment = Moment(town, now, point=here, language=draft.language)
    is_danger = checked.is_danger if checked else concerns.danger.is_danger
    return Outlook(
        errors=errors,
        elsewhere=elsewhere,
        notices=[
            *(duty_notice(town, category, now=now) if is_danger else ()),
            *notices_for(category, concerns, advice, moment),
            *personal_data_notice(draft.description, town, category),
        ],
        is_danger=is_danger,
        is_restricted=bool(concerns.restricted_by),
    )


def _judged(
    town: Municipality, draft: Draft, checked: CheckedDraft | None
) -> tuple[Category | None, Concerns, list[str]]:
    if checked is not None:
        return checked.category, checked.concerns, checked.advice
    category = catalogue.find_category(town.pk, draft.category_code)
    questions = questions_of(category.pk, draft.language) if category else []
    questions = asked(questions, draft.answers)
    texts = texts_of(draft.description, draft.address, draft.answers)
    stops = stops_among(questions, draft.answers)
    return category, concerns_of(town, texts, draft.language, stops), []
