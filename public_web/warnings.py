"""What a citizen must know of danger before and after sending: whom to call, and who is on duty."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Municipality
from routing.duty import on_call

CALL_FIRST = gettext_lazy("Besteht Gefahr für Menschen, rufen Sie jetzt 112 oder 110.")


def duty_words(town: Municipality, office_id: int | None) -> str:
    """Who of the town would hear of a danger at this moment, in a sentence; one query."""
    if on_call(town.pk, office_id, timezone.now()):
        return _("Ihre Meldung alarmiert unsere Bereitschaft; einen Notruf ersetzt sie nicht.")
    if town.emergency_contact:
        return _(
            "Bei uns ist gerade niemand in Bereitschaft. "
            "Außerhalb der Dienstzeit erreichen Sie uns unter %(number)s."
        ) % {"number": town.emergency_contact}
    return _(
        "Bei uns ist gerade niemand in Bereitschaft; wir sehen die Meldung erst zur Dienstzeit."
    )
