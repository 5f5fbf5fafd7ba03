"""Name the place of a report in words where the reporter named none, from the gazetteer."""

import logging

from django.db import DatabaseError
from django.utils import translation

from places import lookup
from reports.models import PlaceChosenBy, Report, Submission

logger = logging.getLogger(__name__)


def name_place(report_id: int) -> None:
    """Write `bei Kaiserstraße 12` as the address of a report whose sender wrote none.

    What somebody wrote stays; nothing is written for the middle of a district, which is no place,
    nor for old records that were taken over. Without words the report goes its way all the same.
    """
    report = (
        Report.objects.filter(
            pk=report_id,
            import_key__isnull=True,
            submission__address="",
            submission__erased_at__isnull=True,
        )
        .exclude(place_chosen_by=PlaceChosenBy.LIST)
        .select_related("municipality")
        .defer("municipality__coverage", "municipality__pages")
        .first()
    )
    if report is None:
        return
    try:
        with translation.override("de"):  # the language offices work in
            words = lookup.describe(
                report.municipality,
                report.place.x,
                report.place.y,
                accuracy_m=report.accuracy_m,
                ask_others=True,
            ).words
    except DatabaseError as error:
        logger.warning("place not named: %s", type(error).__name__)
        return
    if words:
        # Only where it is still empty: an erasure or a correction meanwhile counts for more.
        Submission.objects.filter(report=report, address="", erased_at__isnull=True).update(
            address=words[:200]
        )
