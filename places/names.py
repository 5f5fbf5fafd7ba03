"""The names of a town's streets and places, for whoever must tell them from names of people."""

from accounts.short_memory import remembered
from places.models import Place


@remembered
def names_of(town_id: int) -> frozenset[str]:
    """Names and parts of town as the gazetteer writes them; one query, remembered for a while."""
    rows = Place.objects.filter(municipality_id=town_id).values_list("name", "part").distinct()
    return frozenset(name for row in rows for name in row if name)
