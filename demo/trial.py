"""A draft of the responsibility table for the demo, tried on the cases of two years.

Somebody thinks about giving bins, paths and dumped rubbish to other offices. One of the new rules
is never reached, so that the checks have something to find as well.
"""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Municipality, Office, Role, RoleAssignment
from reports.actions.try_rules import request_replay
from reports.replays import RuleReplay
from reports.tasks import try_rules
from routing.models import Area, AreaLevel, Category, Rule
from routing.rules.versions import start_draft

REASON = "Versuch: Papierkörbe, Wege und wilder Müll näher am Ort"
PERIOD = timedelta(days=2 * 365)
# Priority, name, kind or group, district, office, and what else makes the rule.
RULES: tuple[tuple[int, str, str, str, str, dict[str, Any]], ...] = (
    (41, "Übrige Abfalleimer → Grünflächenamt", "sauber.papierkorb", "", "gruen", {}),
    (46, "Wilder Müll in Böckingen → Ordnungsamt", "sauber.wilder_muell", "Böckingen",
     "ordnung", {}),
    (56, "Straßen und Wege in Kirchhausen → Bürgeramt", "strasse", "Kirchhausen",
     "buergeramt_kirchhausen", {"completion_hours": 60}),
    (85, "Haltestellen in der Innenstadt → Amt 66", "orte.haltestelle", "Innenstadt",
     "strassen", {}),
    (95, "Scherben auf Radwegen → Entsorgungsbetriebe", "strasse.radweg", "", "entsorgung",
     {"urgency": "high",
      "condition": {"is": "words", "words": ["Scherben", "Glas"], "every": False}}),
)  # fmt: skip


def try_a_draft(town: Municipality, *, now: datetime) -> int:
    """Draft new rules and try them, once; how many cases were looked at."""
    if RuleReplay.objects.filter(municipality=town).exists():
        return 0
    role = RoleAssignment.objects.filter(municipality=town, role=Role.DISPATCHER).first()
    if role is None:
        return 0
    draft = start_draft(town.pk, reason=REASON, by=role.user, now=now)
    offices = {each.key: each for each in Office.objects.filter(municipality=town)}
    kinds = {each.code: each for each in Category.objects.filter(municipality=town)}
    districts = Area.objects.filter(municipality=town, level=AreaLevel.DISTRICT)
    areas = {each.name: each for each in districts.only("name")}
    Rule.objects.bulk_create(
        Rule(
            municipality=town, rule_set=draft, priority=priority, name=name, category=kinds[kind],
            area=areas[district] if district else None, office=offices[office], **more,
        )
        for priority, name, kind, district, office, more in RULES
    )  # fmt: skip
    today = timezone.localdate(now)
    run = request_replay(draft, first=today - PERIOD, last=today, by=role.user, now=now)
    # The workers of the demo would do it too; so it stands there as soon as it is loaded.
    try_rules()
    run.refresh_from_db()
    return run.looked_at
