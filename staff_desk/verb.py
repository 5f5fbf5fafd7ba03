"""What a verb of the desk is made of; the verbs themselves stand in verbs.py."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict

from accounts.models import User
from reports.queries.desk_case import CaseFile
from staff_desk.forms import CaseForm

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class Who(TypedDict):
    """What every change is told: who, when, and which version was on the screen."""

    by: User
    now: datetime
    expected_version: int


@dataclass(frozen=True)
class Verb:
    """One thing that can be done: its form, its words, who may, when it fits, and the action."""

    form: type[CaseForm]
    heading: "StrPromise"
    submit: "StrPromise"
    done: "StrPromise"
    allowed: Callable[[CaseFile], bool]
    fits: Callable[[CaseFile, User], bool]
    perform: Callable[[CaseFile, Any, Who], object]
    modules: frozenset[str] = frozenset()  # uses of text modules that fit; empty: none
    intro: "StrPromise | str" = ""

    def offered(self, case: CaseFile, user: User) -> bool:
        """Whether the page of a case shows it: the person may, and it fits the case's state."""
        return self.allowed(case) and self.fits(case, user)
