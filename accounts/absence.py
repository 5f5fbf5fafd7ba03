"""Who is away, until when, and who stands in. Nothing of it is kept once it is over.

Days are local and count whole. Whoever is away gets no new work and no reminder; the deputy sees
their cases among the own ones.
"""

from datetime import date

from django.db import models
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _


class AbsenceQuerySet(QuerySet["Absence"]):
    def on(self, day: date) -> "AbsenceQuerySet":
        """Absences that hold on a day (both ends inclusive)."""
        return self.filter(first_day__lte=day, last_day__gte=day)


class Absence(models.Model):
    """A person is away from the first to the last day (Abwesenheit), perhaps with a deputy."""

    person = models.ForeignKey(
        "accounts.User", models.CASCADE, related_name="absences", verbose_name=_("Person")
    )
    first_day = models.DateField(_("erster Tag"))
    last_day = models.DateField(_("letzter Tag"))
    deputy = models.ForeignKey(
        "accounts.User",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="deputises",
        verbose_name=_("Vertretung"),
    )

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("Abwesenheit")
        verbose_name_plural = _("Abwesenheiten")
        indexes = [
            models.Index(fields=["person", "last_day"], name="absence_of_person"),
            models.Index(fields=["deputy", "last_day"], name="absence_of_deputy"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="absence_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(deputy__isnull=True) | ~Q(deputy=F("person")),
                name="absence_deputy_is_another",
            ),
        ]


def absent_people(day: date) -> QuerySet[Absence, int]:
    """Ids of everybody who is away on a day, for use in a query."""
    return Absence.objects.on(day).values_list("person_id", flat=True)


def is_absent(person_id: int, day: date) -> bool:
    """Whether somebody is away on a day; one query."""
    return Absence.objects.on(day).filter(person_id=person_id).exists()


def represented_by(deputy_id: int, day: date) -> QuerySet[Absence, int]:
    """Ids of the people somebody stands in for on a day, for use in a query."""
    return Absence.objects.on(day).filter(deputy_id=deputy_id).values_list("person_id", flat=True)


def deputy_of(person_id: int, day: date) -> int | None:
    """Who stands in for somebody who is away on a day and is there and active; one query."""
    standing_in = Absence.objects.on(day).filter(person_id=person_id, deputy__is_active=True)
    there = standing_in.exclude(deputy_id__in=absent_people(day))
    return there.values_list("deputy_id", flat=True).order_by("pk").first()


def forget_absences(*, before: date) -> int:
    """Delete what was over before a day; returns how many."""
    deleted, _rows = Absence.objects.filter(last_day__lt=before).delete()
    return deleted
