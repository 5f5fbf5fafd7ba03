"""Which town a request is for: by host name, by path prefix, else by `jurisdiction_id`."""

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.models import Municipality
from accounts.towns import live_towns
from open311.refusals import Fault, Refused, required


def town_of(request: HttpRequest, jurisdiction_id: str) -> Municipality:
    """The town. Raises Refused: 400 where nothing names it, 404 where nobody knows the name.

    A host name or prefix decides; an id may repeat it, and must not contradict it.
    """
    here: Municipality | None = getattr(request, "town", None)
    if here is not None and (not jurisdiction_id or _is_named(here, jurisdiction_id)):
        return here
    if here is None and not jurisdiction_id:
        raise Refused(required("jurisdiction_id", _("hier melden mehrere Kommunen.")))
    named = None if here is not None else _named(jurisdiction_id)
    if named is None:
        raise Refused(Fault(404, _("jurisdiction_id: Diese Kommune gibt es hier nicht.")))
    return named


def _named(word: str) -> Municipality | None:
    towns, name = live_towns(), word.lower()
    exact = (town for town in towns if name in {town.slug, (town.host_name or "").lower()})
    # The recommendation is the town's own site without www: heilbronn.de
    return next(exact, None) or next((town for town in towns if _is_named(town, word)), None)


def _is_named(town: Municipality, word: str) -> bool:
    site = (urlsplit(town.website).hostname or "").removeprefix("www.")
    names = {town.slug, (town.host_name or "").lower(), site}
    return word.lower().removeprefix("www.") in names - {""}
