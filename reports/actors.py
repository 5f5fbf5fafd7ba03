"""Who does something to a report: a citizen, staff, a body outside, or the system itself."""

from dataclasses import dataclass

from accounts.models import User
from reports.models import ActorKind


@dataclass(frozen=True)
class Actor:
    """Written into the timeline with every entry; staff always with their name."""

    kind: ActorKind
    user: User | None = None

    @classmethod
    def staff(cls, user: User) -> "Actor":
        return cls(ActorKind.STAFF, user)


CITIZEN = Actor(ActorKind.CITIZEN)
SYSTEM = Actor(ActorKind.SYSTEM)
OUTSIDE = Actor(ActorKind.OUTSIDE)
