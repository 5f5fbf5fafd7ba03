"""Who may change the responsibility table: dispatchers draft, administrators put into force."""

from accounts.models import Role, RoleAssignment, User

DRAFTERS = (Role.DISPATCHER, Role.ADMIN)
ACTIVATORS = (Role.ADMIN,)


class NotAllowed(Exception):
    """The person's roles in this municipality do not cover this."""


def check_role(by: User, municipality_id: int, roles: tuple[Role, ...]) -> None:
    """Raise NotAllowed unless an active person holds one of the roles in the municipality."""
    held = RoleAssignment.objects.filter(user=by, municipality_id=municipality_id, role__in=roles)
    if not (by.is_active and held.exists()):
        raise NotAllowed
