"""GET services and GET services/{code}: the catalogue of a town, in the asked language."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from open311.document import Document, Items
from open311.endpoint import Answer, Ask
from open311.refusals import Fault, Refused
from reports.queries.public_services import ServiceFacts, described_services
from routing.attributes import Attribute, attributes_of

UNKNOWN_SERVICE = Fault(404, _("service_code: Diese Anliegenart gibt es hier nicht."))
_LISTS = frozenset({"singlevaluelist", "multivaluelist"})


def services(ask: Ask) -> Answer:
    """What can be reported. Groups are named with their services, not listed."""
    listed = [_service(facts, group) for facts, group in _offered(ask.town.slug)]
    return Answer(Document("services", Items("service", listed)))


def definition(ask: Ask) -> Answer:
    """The extra questions of one service; a service without questions has an empty list."""
    code = ask.named["code"]
    facts = next((each for each, _group in _offered(ask.town.slug) if each.code == code), None)
    if facts is None:
        raise Refused(UNKNOWN_SERVICE)
    attributes = [_attribute(each) for each in attributes_of(facts.questions)]
    content = {"service_code": facts.code, "attributes": Items("attribute", attributes)}
    return Answer(Document("service_definition", content))


def _offered(town_slug: str) -> Iterator[tuple[ServiceFacts, str]]:
    """What a town offers with the name of its group; one query by the public role."""
    for top in described_services(town_slug, language=get_language() or "de"):
        if not top.is_group:
            yield top, top.name
        for facts in top.children:
            yield facts, top.name


def _service(facts: ServiceFacts, group: str) -> dict[str, Any]:
    return {
        "service_code": facts.code,
        "service_name": facts.name,
        "description": facts.explanation or facts.name,
        "metadata": bool(facts.questions),
        "type": "realtime",
        "keywords": ",".join(word.replace(",", " ") for word in facts.keywords),
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
