"""The cookie that remembers which receipts this browser may open; signed, HTTP-only, no secrets."""

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from reports import receipts
from reports.models import Report

SALT = "receipts"
LIMIT = 20


def held_numbers(request: HttpRequest) -> list[str]:
    """Numbers of the receipts this browser holds, newest first; versions are checked on opening."""
    return [number for number, _version in _read(request)]


def holds(request: HttpRequest, report: Report) -> bool:
    """Whether this browser was given the receipt in its present version."""
    return (report.number, report.secret_version) in _read(request)


def remember(request: HttpRequest, response: HttpResponse, report: Report) -> None:
    """Add a receipt to the browser's cookie after its secret was shown to be right."""
    kept = [entry for entry in _read(request) if entry[0] != report.number]
    entries = [(report.number, report.secret_version), *kept][:LIMIT]
    response.set_cookie(
        settings.RECEIPT_COOKIE_NAME,
        signing.dumps(entries, salt=SALT, compress=True),
        max_age=settings.RECEIPT_COOKIE_SECONDS,
        httponly=True,
        secure=settings.HTTPS,
        samesite="Lax",
    )


def forget_all(response: HttpResponse) -> None:
    """Remove every receipt from this browser."""
    response.delete_cookie(settings.RECEIPT_COOKIE_NAME, samesite="Lax")


def held_report(request: HttpRequest, number: str) -> Report | None:
    """The report of a receipt this browser holds, of the town asked for; None otherwise."""
    wanted = number.strip().upper()
    if wanted not in held_numbers(request):
        return None  # asking the database would tell strangers' requests apart by their time
    report = receipts.find_by_number(getattr(request, "town", None), wanted)
    return report if report is not None and holds(request, report) else None


def held_reports(request: HttpRequest) -> list[Report]:
    """The reports of all receipts of this browser in the town asked for, newest receipt first."""
    numbers = held_numbers(request)
    town = getattr(request, "town", None)
    if not numbers or town is None:
        return []
    found = Report.objects.filter(municipality=town, number__in=numbers).select_related("category")
    kept = [report for report in found if holds(request, report)]
    return sorted(kept, key=lambda report: numbers.index(report.number))


def _read(request: HttpRequest) -> list[tuple[str, int]]:
    raw = request.COOKIES.get(settings.RECEIPT_COOKIE_NAME, "")
    if not raw:
        return []
    try:
        entries = signing.loads(raw, salt=SALT, max_age=settings.RECEIPT_COOKIE_SECONDS)
    except signing.BadSignature:
        return []
    return [(str(number), int(version)) for number, version in entries]
