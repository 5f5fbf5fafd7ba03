"""Loads whose data must be nowhere in public: senders, callers, supporters, staff."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Q

from accounts.models import Municipality, Office, User
from leakcheck.people import EMAIL, NAME, PHONE, People, Value, values_of
from reports.desk_entry import AttachedCaller
from reports.models import Contact, Report, TimelineEntry
from reports.outside import OutsideBody
from reports.participation import Support
from routing.models import Category

STAFF = 0  # owner of what belongs to no case
_KIND_OF = {"email": EMAIL, "phone": PHONE, "name": NAME}


def known_people(towns: list[Municipality]) -> People:
    """Everybody who has reported here and was not erased yet; a row at a time, hashes are kept."""
    people = People()
    knowingly = approved_knowingly()
    for owner, values in _everybody(towns):
        allowed = {_KIND_OF.get(kind) for kind in knowingly.get(owner, ())}
        people.add((each for each in values if each[0] not in allowed), owner)
    for text in _own_words(towns):
        people.overlook(text)
    return people


def approved_knowingly() -> Mapping[int, set[str]]:
    """Kinds of personal data that a moderator let out with a reason, by report id."""
    kinds: dict[int, set[str]] = defaultdict(set)
    decided = TimelineEntry.objects.filter(kind="moderated", data__has_key="despite")
    for report_id, data in decided.values_list("report_id", "data").iterator():
        kinds[report_id].update(data["despite"])
    return kinds


def _everybody(towns: list[Municipality]) -> Iterator[tuple[int, Iterator[Value]]]:
    here = Q(report__municipality__in=towns)
    contacts = Contact.objects.filter(here, erased_at__isnull=True)
    for pk, name, email, phone in contacts.values_list("pk", "name", "email", "phone").iterator():
        yield pk, values_of(name=name, email=email, phone=phone)
    callers = AttachedCaller.objects.filter(support__report__municipality__in=towns)
    rows = callers.values_list("support__report_id", "name", "phone")
    for pk, name, phone in rows.iterator():
        yield pk, values_of(name=name, phone=phone)
    supports = Support.objects.filter(here, erased_at__isnull=True).exclude(email="")
    for pk, email in supports.values_list("report_id", "email").iterator():
        yield pk, values_of(email=email)
    staff = User.objects.filter(roles__municipality__in=towns).distinct()
    for email in staff.values_list("email", flat=True).iterator():
        yield STAFF, values_of(email=email)


def _own_words(towns: list[Municipality]) -> Iterator[str]:
    """What the town writes into its pages itself: names of streets, offices, its own contacts."""
    for town in towns:
        own: list[Any] = [town.name, town.official_name, town.pages, town.contact_email]
        own += [town.contact_phone, town.emergency_contact, town.attribution]
        yield json.dumps(own, ensure_ascii=False, default=str)
    offices = Office.objects.filter(municipality__in=towns)
    for words in offices.values_list("name", "email", "phone"):
        yield "\n".join(words)
    bodies = OutsideBody.objects.filter(municipality__in=towns)
    for words in bodies.values_list("name", "email", "phone"):
        yield "\n".join(words)
    categories = Category.objects.filter(municipality__in=towns)
    yield from categories.values_list("name", flat=True)


def numbers_of(owners: set[int]) -> dict[int, tuple[str, int]]:
    """Number and town of the cases that a finding belongs to."""
    rows = Report.objects.filter(pk__in=owners).values_list("pk", "number", "municipality_id")
    return {pk: (number, town) for pk, number, town in rows}
