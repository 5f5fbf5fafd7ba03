"""What is due to be forgotten, computed from the rows as they stand; nothing is remembered.

One slice is the cases of one town that share a deletion class. `due` gives the cases of which a
part is to be deleted now; `kept` says of those past their time why they stay all the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Municipality
from notifications import push
from reports.filing import ArchiveDecision, FileHandover, FilingState
from reports.lifecycle import CLOSED, OPEN
from reports.models import Contact, Photo, Publication, Remark, Report, Screening
from reports.participation import Support
from reports.retention import DAYS_OF, ClassOfCategory, DeletionClass, Part


@dataclass(frozen=True)
class Slice:
    """A town's cases of one deletion class."""

    town: Municipality
    terms: DeletionClass
    cases: Q

    def days(self, part: Part) -> int:
        """How long a part is kept after the end of the case."""
        days: int = getattr(self.terms, DAYS_OF[part])
        return days


@dataclass(frozen=True)
class Kept:
    """How many cases are past their time and stay, why, and a few of their numbers."""

    reason: object
    count: int
    numbers: tuple[str, ...]


def slices(town: Municipality) -> list[Slice]:
    """The classes of a town with their cases; the standard class takes whatever is left."""
    assigned = ClassOfCategory.objects.filter(category__municipality=town)
    by_class: dict[int, list[int]] = {}
    for category_id, class_id in assigned.values_list("category_id", "deletion_class_id"):
        by_class.setdefault(class_id, []).append(category_id)
    made, elsewhere = [], set[int]()
    classes = list(DeletionClass.objects.filter(municipality=town).order_by("name"))
    for terms in classes:
        own = by_class.get(terms.pk, [])
        if own and not terms.is_standard:
            made.append(Slice(town, terms, Q(category_id__in=own)))
            elsewhere.update(own)
    shipped = DeletionClass(municipality=town, name=str(_("Standard")), is_standard=True)
    standard = next((terms for terms in classes if terms.is_standard), shipped)
    return [Slice(town, standard, ~Q(category_id__in=elsewhere)), *made]


def class_of(report: Report) -> DeletionClass:
    """The deletion class a case belongs to. At most two queries."""
    own = ClassOfCategory.objects.filter(category_id=report.category_id)
    assigned = own.select_related("deletion_class").first()
    if assigned is not None:
        return assigned.deletion_class
    standard = DeletionClass.objects.filter(
        municipality_id=report.municipality_id, is_standard=True
    )
    return standard.first() or DeletionClass(municipality_id=report.municipality_id)


def deletable(now: datetime) -> Q:
    """The filter on reports that may lose anything at all: ended, no hold, not restricted."""
    return (
        (Q(status__in=sorted(CLOSED)) | Q(screening=Screening.SPAM))
        & (Q(hold_until__isnull=True) | Q(hold_until__lt=timezone.localdate(now)))
        & Q(restricted_at__isnull=True, anonymised_at__isnull=True)
    )


def due(piece: Slice, part: Part, *, now: datetime) -> QuerySet[Report]:
    """The cases of which a part is to be deleted now, by their key."""
    rows = _past(piece, part, now).filter(deletable(now))
    return rows.exclude(_waits(piece.terms, part)).order_by("pk")


def kept(piece: Slice, *, now: datetime) -> Iterator[Kept]:
    """Why cases that are past their last day are still here."""
    late = _past(piece, Part.CASE, now).filter(anonymised_at__isnull=True)
    held = Q(hold_until__gte=timezone.localdate(now))
    frozen = ~held & Q(restricted_at__isnull=False)
    free = ~held & Q(restricted_at__isnull=True)
    reasons = [
        (_("Löschsperre"), held),
        (_("Verarbeitung eingeschränkt"), frozen),
        (_("ein führender oder doppelter Vorgang läuft noch"), free & _family_goes_on()),
    ]
    if piece.terms.needs_filing:
        reasons.append((_("von der eAkte noch nicht bestätigt"), free & ~_filed()))
    if piece.terms.offer_to_archive:
        undecided = free & _filed() & ~_archive_has_decided()
        reasons.append((_("das Archiv hat noch nicht entschieden"), undecided))
    for reason, condition in reasons:
        found = list(late.filter(condition).order_by("pk").values_list("number", flat=True))
        if found:
            yield Kept(reason, len(found), tuple(found[:20]))


def _past(piece: Slice, part: Part, now: datetime) -> QuerySet[Report]:
    """Cases whose time for a part is over and that still have it."""
    before = now - timedelta(days=piece.days(part))
    rows = Report.objects.filter(piece.cases, municipality=piece.town)
    if part == Part.SPAM:
        return rows.filter(
            screening=Screening.SPAM,
            suspicion__decided_at__lt=before,
            submission__erased_at__isnull=True,
        )
    return rows.filter(closed_at__lt=before).filter(_still_has(part, before))


def _still_has(part: Part, before: datetime) -> Q:
    of_case = {"report": OuterRef("pk")}
    if part == Part.SUPPORTS:
        rows = Support.objects.filter(**of_case, erased_at__isnull=True, confirmed_at__isnull=False)
        return Q(Exists(rows)) & ~_led_lately(before)
    if part == Part.CONTACT:
        return Q(Exists(Contact.objects.filter(**of_case, erased_at__isnull=True)))
    if part == Part.DEVICES:
        numbers = {each.partition("/")[0] for each in push.subjects_with_devices()}
        return Q(number__in=sorted(numbers))
    if part == Part.WORDS:
        texts = Remark.objects.filter(**of_case, kind=Remark.Kind.CITIZEN, erased_at__isnull=True)
        return Q(Exists(texts))
    if part == Part.ORIGINALS:
        return Q(Exists(Photo.objects.filter(**of_case).exclude(original_key="")))
    if part == Part.PUBLIC:
        shown = Photo.objects.filter(**of_case, publication=Publication.APPROVED)
        return Q(text_publication=Publication.APPROVED) | Q(Exists(shown))
    return Q(anonymised_at__isnull=True)


def _led_lately(before: datetime) -> Q:
    """A duplicate's people are told of the leading case, so they stay as long as that one."""
    return Q(leading__status__in=sorted(OPEN)) | Q(leading__closed_at__gte=before)


def _waits(terms: DeletionClass, part: Part) -> Q:
    """What has to happen before, for the last step."""
    if part != Part.CASE:
        return Q(pk__in=[])
    waits = _family_goes_on()
    if terms.needs_filing:
        waits |= ~_filed()
    if terms.offer_to_archive:
        waits |= ~_archive_has_decided()
    return waits


def _filed() -> Q:
    done = FileHandover.objects.filter(report=OuterRef("pk"), state=FilingState.ACKNOWLEDGED)
    return Q(Exists(done))


def _archive_has_decided() -> Q:
    decided = FileHandover.objects.filter(report=OuterRef("pk")).exclude(
        archive=ArchiveDecision.NONE
    )
    return Q(Exists(decided))


def _family_goes_on() -> Q:
    led = Report.objects.filter(leading=OuterRef("pk"), status__in=sorted(OPEN))
    return Q(leading__status__in=sorted(OPEN)) | Q(Exists(led))
