"""What of a report may ever become public: its category's policy, narrowed by rules."""

from django.db.models import Q
from django.utils import timezone

from reports.models import Photo, PhotoState, Publication, Report, Submission
from routing.ground import is_on_private_ground
from routing.publication_policy import (
    COARSE_GRID_M,
    PrivateGround,
    PublicationPolicy,
    narrower,
)

SILENT = frozenset({PublicationPolicy.NEVER, PublicationPolicy.COARSE})


def policy_of(report: Report) -> PublicationPolicy:
    """The narrower of what the category and what a rule says; `category` should be loaded."""
    return narrower(report.category.publication_policy, report.narrowed_policy)


def grid_of(report: Report) -> int:
    """The metres to which the public place is rounded."""
    is_coarse = policy_of(report) == PublicationPolicy.COARSE
    grid = report.category.public_grid_m
    return max(grid, COARSE_GRID_M) if is_coarse else grid


def ground_rule(report: Report) -> PrivateGround:
    """What a place on a private parcel means: as the category says, else as the town does.

    `category` and `municipality` should be loaded.
    """
    return PrivateGround(report.category.private_ground or report.municipality.private_ground)


def held_in_a_garden() -> Q:
    """The filter on reports that `ground_rule` answers HOLD for."""
    as_town = Q(category__private_ground="", municipality__private_ground=PrivateGround.HOLD)
    return Q(category__private_ground=PrivateGround.HOLD) | as_town


def hold_on_private_ground(report: Report) -> None:
    """What would be public at once waits for a person where its place is somebody's own ground.

    The caller holds the lock and saves `publication`. At most one query.
    """
    at_once = report.publication == Publication.APPROVED
    if at_once and ground_rule(report) == PrivateGround.HOLD:
        day = timezone.localdate(report.received_at)
        if is_on_private_ground(report.municipality_id, report.place, day):
            report.publication = Publication.PENDING


def narrow_publication(report: Report, submission: Submission, before: PublicationPolicy) -> None:
    """Where the policy changes, a person looks again before anything (more) is public.

    The caller holds the lock and saves `publication` and `text_publication`.
    """
    policy = policy_of(report)
    if policy == before:
        return
    if policy == PublicationPolicy.NEVER or report.is_confidential:
        report.publication = Publication.WITHHELD
    elif policy != PublicationPolicy.AUTOMATIC or report.publication != Publication.APPROVED:
        report.publication = Publication.PENDING
    photos = Photo.objects.filter(report=report)
    if policy in SILENT:
        report.text_publication = Publication.WITHHELD
        photos.update(publication=Publication.WITHHELD)
    elif before in SILENT:
        has_text = bool(submission.description)
        report.text_publication = Publication.PENDING if has_text else Publication.WITHHELD
        photos.exclude(state=PhotoState.FAILED).update(publication=Publication.PENDING)
