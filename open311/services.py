"""GET services and GET services/{code}: the catalogue of a town, in the asked language."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from open311.document import Document, Items
from open311.endpoint import Answer, Ask
from open311.refusals import Fault, Refused
from routing import catalogue
from routing.attributes import Attribute, attributes_of
from routing.catalogue import CategoryInfo

UNKNOWN_SERVICE = Fault(404, _("service_code: Diese Anliegenart gibt es hier nicht."))
_LISTS = frozenset({"singlevaluelist", "multivaluelist"})


def services(ask: Ask) -> Answer:
    """What can be reported. Groups are named with their services, not listed."""
    listed = [_service(info, group) for info, group in offered(ask.town.pk)]
    return Answer(Document("services", Items("service", listed)))


def definition(ask: Ask) -> Answer:
    """The extra questions of one service; a service without questions has an empty list."""
    info = find_service(ask.town.pk, ask.named["code"])
    content = {
        "service_code": info.code,
        "attributes": Items(
            "attribute", [_attribute(each) for each in attributes_of(info.questions)]
        ),
    }
    return Answer(Document("service_definition", content))


def find_service(town_id: int, code: str) -> CategoryInfo:
    """The offered category with a code. Raises Refused 404."""
    for info, _group in offered(town_id):
        if info.code == code:
            return info
    raise Refused(UNKNOWN_SERVICE)


def offered(town_id: int) -> Iterator[tuple[CategoryInfo, str]]:
    """What a town offers with the name of its group; three queries."""
    for top in catalogue.offered_categories(town_id, language=get_language() or "de"):
        if not top.is_group:
            yield top, top.name
        for info in top.children:
            yield info, top.name


def _service(info: CategoryInfo, group: str) -> dict[str, Any]:
    return {
        "service_code": info.code,
        "service_name": info.name,
        "description": info.description or info.name,
        "metadata": bool(info.questions),
        "type": "realtime",
        "keywords": ",".join(word.replace(",", " ") for word in info.keywords),
        "group": group,
    }


def _attribute(attribute: Attribute) -> dict[str, Any]:
    content: dict[str, Any] = {
        "variable": attribute.variable,
        "code": attribute.code,
        "datatype": attribute.datatype,
        "required": attribute.required,
        "datatype_description": attribute.datatype_description,
        "order": attribute.order,
        "description": attribute.description,
    }
    if attribute.datatype in _LISTS:
        values = [{"key": key, "name": name} for key, name in attribute.values]
        content["values"] = Items("value", values)
    return content
