"""Which of the waiting cases somebody works through, read from and written to an address."""

from django.http import QueryDict
from django.utils.http import urlencode

from reports.queries.moderation import Kind, Wanted
from staff_desk.parameters import whole_number

DAYS = (1, 3, 7, 14)


def wanted_in(query: QueryDict) -> Wanted:
    """The filters of an address; what makes no sense is no filter."""
    kind, days = query.get("teil", ""), whole_number(query.get("tage", ""))
    return Wanted(
        kind=Kind(kind) if kind in list(Kind) else None,
        office_id=whole_number(query.get("amt", "")) or None,
        category_id=whole_number(query.get("art", "")) or None,
        days=days if days in DAYS else 0,
        late=query.get("ueberfaellig") == "1",
    )


def fields_of(wanted: Wanted) -> list[tuple[str, str]]:
    """The same as hidden fields of a form."""
    values = {
        "teil": str(wanted.kind or ""),
        "amt": str(wanted.office_id or ""),
        "art": str(wanted.category_id or ""),
        "tage": str(wanted.days or ""),
        "ueberfaellig": "1" if wanted.late else "",
    }
    return [(name, value) for name, value in values.items() if value]


def as_query(wanted: Wanted, **more: str) -> str:
    """The same for an address, with what else it carries; "" for nothing."""
    rest = [(name, value) for name, value in more.items() if value]
    return urlencode(fields_of(wanted) + rest)
