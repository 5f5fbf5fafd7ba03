"""Versions of an area: a new one begins on a day and ends the one before it with the day before."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from routing.models import Area


class LaterVersion(Exception):
    """There is a version already that begins on that day or later; `begins` says when."""

    def __init__(self, begins: date) -> None:
        super().__init__(begins.isoformat())
        self.begins = begins

    @property
    def words(self) -> str:
        """The same for people."""
        day = date_format(self.begins, "SHORT_DATE_FORMAT")
        return _("Es gibt schon eine Fassung ab %(day)s.") % {"day": day}


def versions_of(area: Area) -> QuerySet[Area]:
    """All versions of an area, the newest first."""
    rows = Area.objects.filter(municipality_id=area.municipality_id, level=area.level, key=area.key)
    # What has no beginning has always been there.
    return rows.order_by(F("valid_from").desc(nulls_last=True), "-pk")


def end_before(newest: Area, day: date) -> bool:
    """Let the newest version of an area end before a day, and say whether that changed it.

    Raises LaterVersion where it begins on that day or later. Does not save.
    """
    if newest.valid_from is not None and newest.valid_from >= day:
        raise LaterVersion(newest.valid_from)
    if newest.valid_to is not None and newest.valid_to < day:
        return False
    newest.valid_to = day - timedelta(days=1)
    return True


def begin_version(area: Area, day: date) -> Area:
    """A copy of the newest version of an area that is valid from a day on. Raises LaterVersion."""
    with transaction.atomic():
        copy = next(iter(versions_of(area).select_for_update()))
        if end_before(copy, day):
            copy.save(update_fields=["valid_to"])
        copy.pk, copy.valid_from, copy.valid_to = None, day, None
        copy._state.adding = True
        copy.save()
    return copy


def at_the_same_time(area: Area) -> Area | None:
    """Another version that is valid on one of the days on which this one is, if there is any."""
    others = versions_of(area).exclude(pk=area.pk)
    if area.valid_from is not None:
        others = others.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=area.valid_from))
    if area.valid_to is not None:
        others = others.filter(Q(valid_from__isnull=True) | Q(valid_from__lte=area.valid_to))
    return others.only("valid_from", "valid_to").first()
