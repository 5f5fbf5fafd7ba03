"""Occasions on which the house itself hears of more than one case."""

from django.utils.translation import gettext_lazy as _

from leases.models import Lane
from notifications.event_shapes import OFFICE, Audience, Event, Placeholder

HOUSE_EVENTS = (
    Event(
        "incident_reminder",
        _("Erinnerung an ein Ereignis"),
        Lane.STAFF,
        Audience.STAFF,
        (
            Placeholder("title", _("Titel des Ereignisses"), "Umgestürzte Bäume", in_subject=True),
            Placeholder(
                "situation",
                _("was mit dem Ereignis ist"),
                "late",
                words={
                    "soon": _("Die Frist dieses Ereignisses läuft bald ab."),
                    "late": _("Die Frist dieses Ereignisses ist überschritten."),
                    "silence": _("Alle, die gemeldet haben, haben länger nichts mehr gehört."),
                },
            ),
            Placeholder("due", _("Frist"), "24.11.2026 12:00", optional=True, in_subject=True),
            OFFICE,
            Placeholder(
                "desk_link",
                _("Link zum Ereignis"),
                "https://anliegen.example/desk/ereignisse/7/",
                must_appear=True,
            ),
        ),
    ),
    Event(
        "rule_proposals",
        _("Regelvorschläge aus Korrekturen"),
        Lane.STAFF,
        Audience.STAFF,
        (
            Placeholder("count", _("wie viele neu sind"), "3", in_subject=True),
            Placeholder(
                "proposals",
                _("die Vorschläge mit ihren Zahlen und Links"),
                "14 von 15: Baum in Böckingen an 67 Grünflächenamt",
                multiline=True,
            ),
            Placeholder(
                "desk_link",
                _("Link zu den Vorschlägen"),
                "https://anliegen.example/desk/regelvorschlaege/",
                must_appear=True,
            ),
        ),
    ),
)
