"""Absolute addresses of what lies outside a town's prefix."""

from typing import Any

from django.http import HttpRequest
from django.urls import get_script_prefix, reverse

from reports.queries.public_facts import PhotoCopy, ReportFacts

PHOTO_FORMAT = "jpeg"


def absolute(request: HttpRequest, name: str, **kwargs: Any) -> str:
    """The address of one of our pages below the prefix that was asked, if any."""
    return str(request.build_absolute_uri(reverse(name, kwargs=kwargs)))


def photo_addresses(request: HttpRequest, facts: ReportFacts) -> list[str]:
    """The public photos of a report, each in its largest size, as JPEG."""
    largest: dict[int, PhotoCopy] = {}
    for copy in facts.photos:
        best = largest.get(copy.ordinal)
        if copy.format == PHOTO_FORMAT and (best is None or copy.size > best.size):
            largest[copy.ordinal] = copy
    return [_photo_address(request, largest[ordinal].name) for ordinal in sorted(largest)]


def _photo_address(request: HttpRequest, name: str) -> str:
    # The API lies at the root of the host only; reverse() would put the town's prefix before it.
    path = reverse("mobile_api:photo", args=[name]).removeprefix(get_script_prefix())
    return str(request.build_absolute_uri(f"/{path}"))
