"""Points in time in the words people use; pure, in the active language and time zone."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class DueWords:
    """A due date as words, with the weight they should be shown with."""

    text: str
    tone: str  # danger | warning | neutral
    icon: str


def long_moment(value: datetime) -> str:
    """Day and time spelled out: `12. März 2026, 14:05 Uhr`."""
    local = timezone.localtime(value)
    return _("%(day)s, %(time)s Uhr") % {
        "day": date_format(local, "DATE_FORMAT"),
        "time": time_format(local, "H:i"),
    }


def long_day(value: date) -> str:
    """Day spelled out: `12. März 2026`; a datetime is read in local time."""
    if isinstance(value, datetime):
        value = timezone.localtime(value)
    return date_format(value, "DATE_FORMAT")


def relative(value: datetime, now: datetime) -> str:
    """How long ago: `vor 3 Stunden`, `gestern, 14:05 Uhr`; a week or more ago the day itself."""
    age = now - value
    if age < timedelta(0):
        return long_moment(value)
    if age < HOUR:
        return _minutes_ago(age)
    days = (timezone.localdate(now) - timezone.localdate(value)).days
    if days == 0 or age < 6 * HOUR:
        hours = age // HOUR
        return ngettext("vor einer Stunde", "vor %(count)d Stunden", hours) % {"count": hours}
    if days == 1:
        time = time_format(timezone.localtime(value), "H:i")
        return _("gestern, %(time)s Uhr") % {"time": time}
    if days < 7:
        return ngettext("vor einem Tag", "vor %(count)d Tagen", days) % {"count": days}
    return long_day(value)


def _minutes_ago(age: timedelta) -> str:
    minutes = age // MINUTE
    if minutes == 0:
        return _("gerade eben")
    return ngettext("vor einer Minute", "vor %(count)d Minuten", minutes) % {"count": minutes}


def due(due_at: datetime | None, now: datetime, *, paused: bool = False) -> DueWords:
    """A due date for a queue: `überfällig seit 2 Tagen`, `fällig morgen`, `Frist ruht`."""
    if due_at is None:
        return DueWords(_("ohne Frist"), "neutral", "clock")
    if paused:
        return DueWords(_("Frist ruht"), "neutral", "status-waiting")
    if due_at <= now:
        return DueWords(_overdue(now - due_at), "danger", "alert")
    days = (timezone.localdate(due_at) - timezone.localdate(now)).days
    if days == 0:
        time = time_format(timezone.localtime(due_at), "H:i")
        return DueWords(_("fällig heute, %(time)s Uhr") % {"time": time}, "warning", "clock")
    if days == 1:
        return DueWords(_("fällig morgen"), "warning", "clock")
    if days < 7:
        text = ngettext("fällig in einem Tag", "fällig in %(count)d Tagen", days)
        return DueWords(text % {"count": days}, "neutral", "clock")
    return DueWords(_("fällig am %(day)s") % {"day": _short_day(due_at)}, "neutral", "clock")


def _overdue(age: timedelta) -> str:
    days = age // DAY
    if days:
        text = ngettext("überfällig seit einem Tag", "überfällig seit %(count)d Tagen", days)
        return text % {"count": days}
    hours = age // HOUR
    if hours:
        text = ngettext("überfällig seit einer Stunde", "überfällig seit %(count)d Stunden", hours)
        return text % {"count": hours}
    return _("gerade überfällig")


def _short_day(value: datetime) -> str:
    return date_format(timezone.localtime(value), "SHORT_DATE_FORMAT")
