"""Who must show a second factor: one answer for the desk and the administration."""

from django.conf import settings

from accounts.models import Role, User


def needs_second_factor(user: User) -> bool:
    """Whether a role of this person, in whatever municipality, asks for a second factor.

    Operators (superusers) count as administrators.
    """
    if user.is_superuser and Role.ADMIN in settings.SECOND_FACTOR_ROLES:
        return True
    return user.roles.filter(role__in=settings.SECOND_FACTOR_ROLES).exists()
