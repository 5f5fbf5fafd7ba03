"""Who may do what at which address: the policy the access matrix is checked against.

A row stands for one address, as the URL resolver writes it. Its cells say what each method answers
to whom, first for the own object, then for one that is foreign or does not exist, which must
answer alike. Whoever adds an address adds its row here; an address without a row fails.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from staff_desk.verbs import VERBS

# Everybody the matrix asks as. `half_admin` has given the password and not yet the code;
# `unverified_admin` has a session from before a second factor was asked for.
STRANGERS = ("stranger", "holder", "deactivated", "half_admin", "unverified_admin")
READERS = ("moderator", "manager", "admin")
STAFF = ("clerk", "other_clerk", "neighbour", "dispatcher", *READERS)
NOBODY_OF_US = (*STRANGERS, "roleless")
ACTORS = (*NOBODY_OF_US, *STAFF)

# Answers: page 200 · may 2xx, 3xx to an own page, or a form refused for what it says (409, 422) ·
# moved another 3xx · login the way to the login · forbidden 403 · hidden 404 · method 405 ·
# refused 400, 401, 409, 411, 412, 415, 422
PAGE, MAY, MOVED, LOGIN = "page", "may", "moved", "login"
FORBIDDEN, HIDDEN, METHOD, REFUSED = "forbidden", "hidden", "method", "refused"

Cells = Mapping[str, str]
METHODS = ("GET", "POST", "PUT", "DELETE")


def everybody(answer: str) -> Cells:
    """The same answer whoever asks."""
    return dict.fromkeys(ACTORS, answer)


def cells(**answers: tuple[str, ...]) -> Cells:
    """Answers by the people who get them; every person must be named exactly once."""
    row = {actor: answer for answer, actors in answers.items() for actor in actors}
    named = sorted(actor for actors in answers.values() for actor in actors)
    assert named == sorted(ACTORS), set(ACTORS).symmetric_difference(named)
    return row


def staff_only(**answers: tuple[str, ...]) -> Cells:
    """Answers to staff; strangers go to the login, people without a role get a no."""
    refused = ("roleless", *answers.pop("forbidden", ()))
    sent_off = (*STRANGERS, *answers.pop("login", ()))
    return cells(login=sent_off, forbidden=refused, **answers)


@dataclass(frozen=True)
class Row:
    """What an address answers; `other` is for foreign and missing objects, by default hidden."""

    own: Mapping[str, Cells]
    other: Mapping[str, Cells] = field(default_factory=dict)
    secret: Mapping[str, Cells] = field(default_factory=dict)  # a confidential case of one's own
    body: Mapping[str, str] = field(default_factory=dict)


def _methods(default: str = METHOD, **answers: Cells | str) -> dict[str, Cells]:
    told = {
        name: everybody(cell) if isinstance(cell, str) else cell for name, cell in answers.items()
    }
    return {name: told.get(name, everybody(default)) for name in METHODS}


def public(**answers: Cells | str) -> Row:
    """An address without objects, for everybody; methods not named do not exist."""
    return Row(own=_methods(**answers))


def public_object(other: Mapping[str, str] | None = None, **answers: Cells | str) -> Row:
    """An address of an object, for everybody."""
    hidden = dict.fromkeys(answers, HIDDEN)
    return Row(own=_methods(**answers), other=_methods(**(hidden | dict(other or {}))))


def receipt(**answers: str) -> Row:
    """An address only the receipt opens; everybody else, staff included, gets 404."""
    others = tuple(actor for actor in ACTORS if actor != "holder")
    held = {
        name: cells(**{answer: ("holder",), HIDDEN: others}) for name, answer in answers.items()
    }
    return Row(own=_methods(**held), other=_methods(**dict.fromkeys(answers, HIDDEN)))


_ENTERS = staff_only(page=STAFF)
_STAFF_METHOD = staff_only(method=STAFF)
_NOWHERE = staff_only(hidden=STAFF)


def desk(**answers: Cells) -> Row:
    """A page of the desk without a case."""
    return Row(own={name: answers.get(name, _STAFF_METHOD) for name in METHODS})


def case(
    body: Mapping[str, str] | None = None, secret: Cells | None = None, **answers: Cells
) -> Row:
    """A page of a case: `secret` is what a confidential one answers where it differs."""
    own = {name: answers.get(name, _STAFF_METHOD) for name in METHODS}
    other = {name: _NOWHERE if name in answers else _STAFF_METHOD for name in METHODS}
    restricted = {
        name: secret if secret and name in answers else cell for name, cell in own.items()
    }
    return Row(own=own, other=other, secret=restricted, body=body or {})


_NOT_THEIRS = ("other_clerk", "neighbour")
_CIRCLE = ("clerk", "dispatcher")
_OUTSIDE = ("other_clerk", "neighbour", *READERS)
_SEEN = staff_only(page=(*_CIRCLE, *READERS), hidden=_NOT_THEIRS)
_SEEN_SECRET = staff_only(page=_CIRCLE, hidden=_OUTSIDE)
_WORKED = staff_only(may=_CIRCLE, forbidden=READERS, hidden=_NOT_THEIRS)
_WORKED_SECRET = staff_only(may=_CIRCLE, hidden=_OUTSIDE)
_MODERATED = staff_only(
    may=(*_CIRCLE, "moderator"), forbidden=("manager", "admin"), hidden=_NOT_THEIRS
)
_SCREENED = staff_only(
    may=("dispatcher", "moderator"), forbidden=("clerk", "manager", "admin"), hidden=_NOT_THEIRS
)
_SCREENED_SECRET = staff_only(may=("dispatcher",), forbidden=("clerk",), hidden=_OUTSIDE)
_DISPATCHED = staff_only(may=("dispatcher",), forbidden=("clerk", *READERS), hidden=_NOT_THEIRS)
_DISPATCHED_SECRET = staff_only(may=("dispatcher",), forbidden=("clerk",), hidden=_OUTSIDE)

_WORKERS = ("clerk", "other_clerk", "neighbour", "dispatcher")


def entering(
    has_object: bool = False,
    body: Mapping[str, str] | None = None,
    **answers: Mapping[str, tuple[str, ...]],
) -> Row:
    """A page for those who take reports down; readers are sent off before anything is looked up."""
    wrong_method = staff_only(method=_WORKERS, forbidden=READERS)
    nowhere = staff_only(hidden=_WORKERS, forbidden=READERS)
    own = dict.fromkeys(METHODS, wrong_method) | {
        name: staff_only(**cell, forbidden=READERS) for name, cell in answers.items()
    }
    other = dict.fromkeys(METHODS, wrong_method) | dict.fromkeys(answers, nowhere)
    return Row(own, other if has_object else {}, body=body or {})


def dispatching(
    has_object: bool = False,
    body: Mapping[str, str] | None = None,
    **answers: Mapping[str, tuple[str, ...]],
) -> Row:
    """A page of the dispatchers alone; clerks too are sent off before anything is looked up."""
    refused = tuple(person for person in STAFF if person != "dispatcher")
    wrong_method = staff_only(method=("dispatcher",), forbidden=refused)
    nowhere = staff_only(hidden=("dispatcher",), forbidden=refused)
    own = dict.fromkeys(METHODS, wrong_method) | {
        name: staff_only(**cell, forbidden=refused) for name, cell in answers.items()
    }
    other = dict.fromkeys(METHODS, wrong_method) | dict.fromkeys(answers, nowhere)
    return Row(own, other if has_object else {}, body=body or {})


def overseeing(
    *who: str,
    has_object: bool = False,
    body: Mapping[str, str] | None = None,
    **answers: str,
) -> Row:
    """A page about deletion and rights; whoever is not of those `who` see it is sent off first."""
    refused = tuple(person for person in STAFF if person not in who)

    def told(answer: str) -> Cells:
        return staff_only(forbidden=refused, **({answer: who} if who else {}))

    own = {name: told(answers.get(name, METHOD)) for name in METHODS}
    other = {name: told(HIDDEN if name in answers else METHOD) for name in METHODS}
    return Row(own, other if has_object else {}, body=body or {})


def administering(**answers: Mapping[str, tuple[str, ...]]) -> Row:
    """A page of the administrators alone; others are sent off before anything is looked up."""
    refused = tuple(person for person in STAFF if person != "admin")
    wrong_method = staff_only(method=("admin",), forbidden=refused)
    own = dict.fromkeys(METHODS, wrong_method) | {
        name: staff_only(**cell, forbidden=refused) for name, cell in answers.items()
    }
    return Row(own)


# Readers see the case, and hear that nothing is offered here.
_DECIDED = staff_only(may=_CIRCLE, refused=READERS, hidden=_NOT_THEIRS)
# The body makes each form complete, so that the answer is about the person and not the form.
# {version}, {office} and {person} are filled in.
_VERSION = {"version": "{version}"}
_TEXT = _VERSION | {"text": "Ein Wort dazu.", "reason": "Ein Wort dazu."}
_VERBS: dict[str, tuple[Cells, Cells, dict[str, str]]] = {
    "uebernehmen": (_WORKED, _WORKED_SECRET, _VERSION),
    "zuruecklegen": (_WORKED, _WORKED_SECRET, _VERSION),
    "zuweisen": (_WORKED, _WORKED_SECRET, _VERSION | {"person": "{person}"}),
    "bearbeiten": (_WORKED, _WORKED_SECRET, _VERSION),
    "warten": (_WORKED, _WORKED_SECRET, _TEXT | {"waiting_for": "third_party"}),
    "abschliessen": (_WORKED, _WORKED_SECRET, _TEXT | {"outcome": "erledigt"}),
    "wieder-oeffnen": (_WORKED, _WORKED_SECRET, _TEXT),
    "dublette-loesen": (_WORKED, _WORKED_SECRET, _VERSION),
    "ereignis-verlassen": (_WORKED, _WORKED_SECRET, _VERSION),
    "zum-ereignis": (_WORKED, _WORKED_SECRET, _VERSION),
    "antworten": (_WORKED, _WORKED_SECRET, _TEXT),
    "notiz": (_WORKED, _WORKED_SECRET, _TEXT),
    "abgeben": (_WORKED, _WORKED_SECRET, _TEXT | {"to_office": "{office}"}),
    "weitergeben": (_WORKED, _WORKED_SECRET, _TEXT | {"body": "1", "letter": "Bitte."}),
    "beauftragen": (
        _WORKED,
        _WORKED_SECRET,
        _TEXT | {"firm": "1", "instructions": "Bitte.", "until": "2099-01-01"},
    ),
    "beauftragung-zuruecknehmen": (_WORKED, _WORKED_SECRET, _VERSION),
    "beauftragung-abnehmen": (_WORKED, _WORKED_SECRET, _VERSION),
    "gelesen": (_WORKED, _WORKED_SECRET, _VERSION),
    "widerspruch-aufheben": (_MODERATED, _WORKED_SECRET, _TEXT | {"part": "text"}),
    "annehmen": (_DECIDED, _WORKED_SECRET, _VERSION),
    "zurueckgeben": (_DECIDED, _WORKED_SECRET, _TEXT),
    "angebot-zuruecknehmen": (_WORKED, _WORKED_SECRET, _VERSION),
    "weiterleiten": (_DISPATCHED, _DISPATCHED_SECRET, _VERSION),
    "zuordnen": (_DISPATCHED, _DISPATCHED_SECRET, _TEXT | {"to_office": "{office}"}),
    "anliegenart": (_WORKED, _WORKED_SECRET, _VERSION | {"category": "{category}"}),
    "vertraulich": (_MODERATED, _WORKED_SECRET, _TEXT),
    "vertraulichkeit-aufheben": (_WORKED, _WORKED_SECRET, _VERSION),
    "loeschsperre": (_WORKED, _WORKED_SECRET, _TEXT | {"until": "2099-01-01"}),
    "loeschsperre-aufheben": (_WORKED, _WORKED_SECRET, _VERSION),
    "eakte": (_WORKED, _WORKED_SECRET, _VERSION),
    "einschraenken": (_WORKED, _WORKED_SECRET, _TEXT),
    "einschraenkung-aufheben": (_WORKED, _WORKED_SECRET, _VERSION),
    "quittieren": (_WORKED, _WORKED_SECRET, _VERSION),
    "gesichert": (_WORKED, _WORKED_SECRET, _VERSION),
    "behoben": (_WORKED, _WORKED_SECRET, _VERSION),
    "pruefung-freigeben": (_SCREENED, _SCREENED_SECRET, _VERSION),
    "spam": (_SCREENED, _SCREENED_SECRET, _VERSION),
}


def _verb(name: str) -> Row:
    posted, posted_secret, body = _VERBS[name]
    row = case(GET=_SEEN, POST=posted, body=body)
    return Row(row.own, row.other, row.own | {"GET": _SEEN_SECRET, "POST": posted_secret}, body)


ADMIN = "admin"
_OTHERS = tuple(actor for actor in ACTORS if actor not in {*STRANGERS, ADMIN})
# Whoever is no administrator is sent to the login, which says no to those who are signed in.
_ADMIN_LOGIN = (*STRANGERS, *_OTHERS)


def administration(answer: str = PAGE, **answers: str) -> dict[str, Cells]:
    """A page of the administration: `answer` to its administrator, the login to all others."""
    told = {name: answers.get(name, answer) for name in METHODS}
    return {name: dict.fromkeys(_ADMIN_LOGIN, LOGIN) | {ADMIN: said} for name, said in told.items()}


def _admin_row(own: str, posted: str = PAGE) -> Row:
    # What nobody may do is refused before anything is looked up.
    if own == FORBIDDEN:
        return Row(administration(FORBIDDEN), administration(FORBIDDEN))
    elsewhere = FORBIDDEN if posted == FORBIDDEN else MOVED
    return Row(administration(own, POST=posted), administration(MOVED, POST=elsewhere))


def admin_rows(
    model: str, *, add: str = PAGE, delete: str = PAGE, posted: str = MAY
) -> dict[str, Row]:
    """The six addresses Django gives a model; foreign and missing rows lead back to the start."""
    base = f"admin/{model}/"
    return {
        base: Row(administration(PAGE)),
        f"{base}add/": Row(administration(add)),
        f"{base}<path:object_id>/history/": _admin_row(PAGE),
        f"{base}<path:object_id>/delete/": _admin_row(delete, posted=MAY),
        f"{base}<path:object_id>/change/": _admin_row(PAGE, posted=posted),
        f"{base}<path:object_id>/": Row(administration(MOVED), administration(MOVED)),
    }


INSTALLATION: dict[str, Row] = {
    "healthz": public(GET=PAGE),
    "readyz": public(GET=PAGE),
    "healthz/effects": public(GET=PAGE),
    "": public(GET=PAGE),
    "i18n/setlang/": public(default=MOVED),
    "robots.txt": public(GET=PAGE),
    "favicon.ico": public(GET=MOVED),
    "manifest.webmanifest": public(GET=PAGE),
    "sitemap.xml": public(GET=PAGE),
    ".well-known/security.txt": public(GET=PAGE),
}
API: dict[str, Row] = {
    "api/v1/": public(GET=PAGE),
    "api/v1/openapi.json": public(GET=PAGE),
    "api/v1/municipalities": public(GET=PAGE),
    "api/v1/categories": public(GET=REFUSED),
    "api/v1/assets": public(GET=REFUSED),
    "api/v1/places": public(GET=REFUSED),
    "api/v1/places/at": public(GET=REFUSED),
    "api/v1/suggestions": public(POST=REFUSED),
    "api/v1/reports": public(GET=REFUSED, POST=REFUSED),
    "api/v1/reports/batch": public(POST=REFUSED),
    "api/v1/reports/nearby": public(GET=REFUSED),
    "api/v1/reports/check": public(POST=REFUSED),
    "api/v1/reports/<str:number>": receipt(GET=PAGE),
    "api/v1/reports/<str:number>/confirm-address": public_object({"POST": REFUSED}, POST=REFUSED),
    "api/v1/reports/<str:number>/devices": public_object({"POST": REFUSED}, POST=REFUSED),
    "api/v1/devices/<uuid:device_id>": public_object(DELETE=HIDDEN),
    "api/v1/routing/explain": public(POST=REFUSED),
    "api/v1/push-key": public(GET=PAGE),
    "api/v1/uploads": public(POST=REFUSED),
    # Without the protocol's version nothing is looked up, so every token is answered alike.
    "api/v1/uploads/<str:token>": Row(_methods(DELETE=REFUSED), _methods(DELETE=REFUSED)),
    # Whoever holds the receipt is told what is wrong with an empty body; nobody else gets so far.
    **{
        f"api/v1/reports/<str:number>/{change}": receipt(POST=REFUSED)
        for change in (
            "messages",
            "answer",
            "photos",
            "withdrawal",
            "objection",
            "feedback",
            "sharing",
        )
    },
    "api/v1/reports/<str:number>/subscription": receipt(GET=PAGE, POST=REFUSED),
    "api/v1/reports/<str:number>/supports": public_object(POST=HIDDEN),
    "api/v1/reports/<str:number>/supports/confirm": public_object({"POST": REFUSED}, POST=REFUSED),
    "api/v1/reports/<str:number>/supports/leave": public_object({"POST": REFUSED}, POST=REFUSED),
    "api/v1/sensors/<int:fleet>/uplinks": public_object({"POST": REFUSED}, POST=REFUSED),
    "api/v1/photos/<path:name>": public_object(GET=HIDDEN),
    "api/v1/^": public(default=HIDDEN),
}


def _georeport(endpoint: str, *, read: str, find: str) -> dict[str, Row]:
    """One endpoint: `read` is what a list answers, `find` what an object does that is not shown.

    Nobody here has a key of a partner, so that what is sent is refused.
    """
    sent = REFUSED if read == REFUSED else FORBIDDEN
    one = public_object({"GET": find}, GET=find)
    return {
        f"{endpoint}discovery.<str:suffix>": public(GET=PAGE),
        f"{endpoint}services.<str:suffix>": public(GET=read),
        f"{endpoint}services/<str:code>.<str:suffix>": public_object({"GET": find}, GET=read),
        f"{endpoint}requests.<str:suffix>": public(GET=read, POST=sent),
        f"{endpoint}requests/<str:number>.<str:suffix>": one,
        f"{endpoint}bulk.<str:suffix>": public(POST=REFUSED),
        f"{endpoint}tokens/<str:token>.<str:suffix>": public_object(GET=HIDDEN),
        f"{endpoint}servicerequestupdates.<str:suffix>": public(GET=read, POST=sent),
        f"{endpoint}coverage.<str:suffix>": public(GET=REFUSED),
    }


_ENDPOINTS = ("open311/v2/", "open311/test/v2/")
GEOREPORT: dict[str, Row] = {
    "open311/discovery.<str:suffix>": public(GET=PAGE),
    "open311/^": public(default=HIDDEN),
}
# Where the town goes without saying, and where nothing names it.
GEOREPORT_HERE, GEOREPORT_ANYWHERE = dict(GEOREPORT), dict(GEOREPORT)
for _endpoint in _ENDPOINTS:
    GEOREPORT_HERE |= _georeport(_endpoint, read=PAGE, find=HIDDEN)
    GEOREPORT_ANYWHERE |= _georeport(_endpoint, read=REFUSED, find=REFUSED)
OPEN_DATA: dict[str, Row] = {
    "opendata/": public(GET=PAGE),
    "opendata/<slug:slug>/": public_object(GET=PAGE),
    "opendata/<slug:slug>/reports.geojson": public_object(GET=PAGE),
    "opendata/<slug:slug>/reports.csv": public_object(GET=PAGE),
    # Nothing is published there unless the town chose so.
    "opendata/<slug:slug>/statistics.json": public_object(GET=HIDDEN),
    "opendata/<slug:slug>/statistics.csv": public_object(GET=HIDDEN),
    "opendata/<slug:slug>/districts.geojson": public_object(GET=PAGE),
    "opendata/<slug:slug>/reports.gpkg": public_object(GET=PAGE),
    "opendata/<slug:slug>/changes.json": public_object(GET=PAGE),
    "opendata/<slug:slug>/updates.atom": public_object(GET=PAGE),
    "opendata/<slug:slug>/datapackage.json": public_object(GET=PAGE),
    "opendata/<slug:slug>/reports.csv-metadata.json": public_object(GET=PAGE),
    "opendata/<slug:slug>/snapshots/": public_object(GET=PAGE),
    "opendata/<slug:slug>/snapshots/manifest.json": public_object(GET=PAGE),
    **{
        f"opendata/<slug:slug>/snapshots/<day:day>/{name}": public_object(GET=HIDDEN)
        for name in ("reports.csv.gz", "SHA256SUMS", "datapackage.json")
    },
    "opendata/catalog.<str:syntax>": public(GET=PAGE),
    "opendata/ogc/": public(GET=PAGE),
    "opendata/ogc/conformance": public(GET=PAGE),
    "opendata/ogc/api": public(GET=PAGE),
    "opendata/ogc/collections": public(GET=PAGE),
    "opendata/ogc/collections/<str:collection>": public_object(GET=PAGE),
    "opendata/ogc/collections/<str:collection>/items": public_object(GET=PAGE),
    "opendata/ogc/collections/<str:collection>/items/<str:number>": public_object(GET=HIDDEN),
}
TOWN: dict[str, Row] = {
    "": public(GET=PAGE),
    "meldungen.geojson": public(GET=PAGE),
    "gebiete.geojson": public(GET=PAGE),
    "melden/": public(GET=PAGE, POST=PAGE),
    "melden/uebernehmen/": public(POST=PAGE),
    "ereignisse.geojson": public(GET=PAGE),
    "ereignis/<int:incident_id>/": public(GET=HIDDEN),
    "ereignis/<int:incident_id>/gebiet.geojson": public(GET=HIDDEN),
    "melden/pruefen/": public(POST=PAGE),
    "melden/stichworte.json": public(GET=PAGE),
    "melden/<str:code>/": public_object(GET=PAGE, POST=REFUSED),
    "melden/<str:code>/bekannt.json": public_object(GET=PAGE),
    "objekt/<str:layer>/<path:key>/": public_object(GET=PAGE),
    "meldung/<str:number>/": receipt(GET=MOVED),
    "meldung/<str:number>/zugang/": public_object({"GET": MOVED}, GET=MOVED),
    "meine/": public(GET=PAGE, POST=PAGE),
    "meine/vergessen/": public(POST=MOVED),
    "meine/<str:number>/": receipt(GET=PAGE),
    "meine/<str:number>/zurueckziehen/": receipt(GET=PAGE, POST=MOVED),
    "meine/<str:number>/zugangscode/": receipt(GET=PAGE, POST=MOVED),
    "meine/<str:number>/ergaenzen/": receipt(POST=PAGE),
    "meine/<str:number>/stimmt-das/": receipt(POST=PAGE),
    "meine/<str:number>/widerspruch/": receipt(GET=PAGE, POST=PAGE),
    "meine/<str:number>/daten/": receipt(GET=PAGE, POST=REFUSED),
    "meine/<str:number>/einwilligung/": public_object(POST=HIDDEN),
    "meine/<str:number>/nachrichten/": receipt(GET=PAGE, POST=PAGE),
    # GET shows a button to everybody; without the code of a mail nothing is done.
    "meldung/<str:number>/abmelden/": public_object({"GET": PAGE}, GET=PAGE, POST=HIDDEN),
    "meldung/<str:number>/betrifft-mich-auch/": public_object(GET=HIDDEN, POST=HIDDEN),
    "meldung/<str:number>/betrifft-mich-auch/<int:support_id>/bestaetigen/": public_object(
        {"GET": PAGE}, GET=PAGE, POST=HIDDEN
    ),
    "meldung/<str:number>/betrifft-mich-auch/<int:support_id>/abmelden/": public_object(
        {"GET": PAGE}, GET=PAGE, POST=HIDDEN
    ),
    "bestaetigen/<str:number>/": public_object({"GET": PAGE}, GET=PAGE, POST=HIDDEN),
    # Only the code of a mail or letter opens these; nobody here has one.
    "beauftragung/<int:delegation_id>/": public_object(GET=HIDDEN, POST=HIDDEN),
    "beauftragung/<int:delegation_id>/zugang/": public_object(GET=HIDDEN),
    "beauftragung/<int:delegation_id>/foto/<int:ordinal>.jpg": public_object(GET=HIDDEN),
    "weitergabe/<int:passing_id>/": public_object(GET=HIDDEN, POST=HIDDEN),
    "weitergabe/<int:passing_id>/zugang/": public_object(GET=HIDDEN),
    "weitergabe/<int:passing_id>/foto/<int:ordinal>.jpg": public_object(GET=HIDDEN),
    "foto/<path:name>": public_object(GET=HIDDEN),
    "kacheln/<int:z>/<int:x>/<int:y>.png": public_object(GET=HIDDEN),
    "seite/<slug:page>/": public_object(GET=PAGE),
    "statistik/": public(GET=PAGE),
    "statistik/felder.geojson": public(GET=HIDDEN),
    "manifest.webmanifest": public(GET=PAGE),
    "sitemap.xml": public(GET=PAGE),
}
_SIGNING_IN = {"page": tuple(actor for actor in ACTORS if actor != "half_admin")}
_MODERATES = staff_only(
    page=("clerk", "other_clerk", "neighbour", "dispatcher", "moderator"),
    forbidden=("manager", "admin"),
)
_MODERATES_METHOD = staff_only(
    method=("clerk", "other_clerk", "neighbour", "dispatcher", "moderator"),
    forbidden=("manager", "admin"),
)
_SCREENERS = ("dispatcher", "moderator")
_NO_SCREENERS = tuple(each for each in STAFF if each not in _SCREENERS)
_SCREENS_METHOD = staff_only(method=_SCREENERS, forbidden=_NO_SCREENERS)


def screening(**answers: Mapping[str, tuple[str, ...]]) -> Row:
    """A page of what is held back; each method's answers to those whose work it is."""
    told = {name: staff_only(forbidden=_NO_SCREENERS, **cell) for name, cell in answers.items()}
    return Row({name: told.get(name, _SCREENS_METHOD) for name in METHODS})


_QUEUE = staff_only(page=tuple(each for each in STAFF if each != "moderator"), moved=("moderator",))
_MODERATES_NOTHING = staff_only(
    hidden=("clerk", "other_clerk", "neighbour", "dispatcher", "moderator"),
    forbidden=("manager", "admin"),
)
_MODERATED_SECRET = staff_only(
    may=_CIRCLE, hidden=(*_NOT_THEIRS, "moderator"), forbidden=("manager", "admin")
)
_UNMASKED = staff_only(
    page=(*_CIRCLE, "moderator"), forbidden=("manager", "admin"), hidden=_NOT_THEIRS
)
_DRAWN = case(GET=_UNMASKED, POST=_MODERATED)
_MASKS = Row(
    _DRAWN.own,
    _DRAWN.other,
    _DRAWN.own | {"GET": _SEEN_SECRET, "POST": _WORKED_SECRET},
    _VERSION | {"rows": "0"},
)
_COUNTED_FOR = tuple(each for each in STAFF if each != "moderator")


def figures(body: Mapping[str, str] | None = None, **answers: Mapping[str, tuple[str, ...]]) -> Row:
    """A page of figures: for whoever answers for an office or the town."""
    wrong_method = staff_only(method=_COUNTED_FOR, forbidden=("moderator",))
    told = {name: staff_only(**cell, forbidden=("moderator",)) for name, cell in answers.items()}
    return Row(dict.fromkeys(METHODS, wrong_method) | told, body=body or {})


_DRAFTERS = ("dispatcher", "admin")


def ruling(
    has_object: bool = True,
    people: tuple[str, ...] = _DRAFTERS,
    body: Mapping[str, str] | None = None,
    **answers: str,
) -> Row:
    """A page of the rules for those who draft them, or only those who put them into force."""
    refused = tuple(person for person in STAFF if person not in people)
    own = dict.fromkeys(METHODS, staff_only(method=people, forbidden=refused)) | {
        name: staff_only(**{answer: people}, forbidden=refused) for name, answer in answers.items()
    }
    nowhere = staff_only(hidden=people, forbidden=refused)
    return Row(own, own | dict.fromkeys(answers, nowhere) if has_object else {}, body=body or {})


_SET = "desk/regeln/<int:set_id>/"
RULES: dict[str, Row] = {
    "desk/regeln/": ruling(False, GET="page"),
    "desk/regelvorschlaege/": ruling(False, GET="page", POST="hidden"),
    "desk/regeln/entwurf/": ruling(False, POST="moved"),
    # A tool of all staff; an empty form is told what it lacks.
    "desk/regeln/erklaerung/": desk(POST=staff_only(page=STAFF)),
    _SET: ruling(GET="page"),
    f"{_SET}aenderungen/": ruling(GET="page"),
    f"{_SET}vorschau/": ruling(GET="page", POST="page"),
    f"{_SET}probe/": ruling(GET="page", POST="page"),
    # Of a trial that was never run there is nothing to see.
    f"{_SET}probe/faelle.csv": ruling(GET="hidden"),
    f"{_SET}probe/orte.geojson": ruling(GET="hidden"),
    f"{_SET}abdeckung/": ruling(GET="page"),
    f"{_SET}abdeckung.csv": ruling(GET="page"),
    f"{_SET}in-kraft/": ruling(people=("admin",), GET="page", POST="page"),
    f"{_SET}verwerfen/": ruling(POST="moved"),
    f"{_SET}absagen/": ruling(people=("admin",), POST="moved"),
    f"{_SET}zurueck/": ruling(people=("admin",), POST="moved"),
    f"{_SET}regel/": ruling(GET="page", POST="page"),
    f"{_SET}regel/<int:rule_id>/": ruling(GET="page", POST="page"),
    f"{_SET}regel/<int:rule_id>/schieben/": ruling(POST="moved"),
    f"{_SET}regel/<int:rule_id>/entfernen/": ruling(POST="moved"),
}
_REPORTERS = ("manager", "admin")


def reporting(
    has_object: bool = False,
    body: Mapping[str, str] | None = None,
    **answers: Mapping[str, tuple[str, ...]],
) -> Row:
    """A page of management reports: whoever makes none is sent off before anything is looked up."""
    others = tuple(each for each in STAFF if each not in _REPORTERS)
    wrong_method = staff_only(method=_REPORTERS, forbidden=others)
    nowhere = staff_only(hidden=_REPORTERS, forbidden=others)
    told = {name: staff_only(**cell, forbidden=others) for name, cell in answers.items()}
    other = dict.fromkeys(METHODS, wrong_method) | dict.fromkeys(answers, nowhere)
    return Row(
        dict.fromkeys(METHODS, wrong_method) | told, other if has_object else {}, body=body or {}
    )


_MODERATION_BODY = _VERSION | {"entscheidung": "report:withheld"}
_PLANNERS = ("dispatcher", "manager", "admin")
_NO_PLANNERS = ("clerk", "other_clerk", "neighbour", "moderator")
DESK: dict[str, Row] = {
    "desk/": desk(GET=_QUEUE),
    "desk/suche/": desk(GET=staff_only(moved=STAFF)),
    "desk/abgaben/": desk(GET=_ENTERS),
    "desk/aufnahme/": entering(GET={"page": _WORKERS}, POST={"page": _WORKERS}),
    "desk/aufnahme/orte/": entering(GET={"page": _WORKERS}),
    "desk/aufnahme/objekte/": entering(GET={"page": _WORKERS}),
    "desk/objekte/": desk(GET=staff_only(page=STAFF)),
    # The thing is no secret among colleagues; its cases are listed as far as each may see them.
    "desk/objekte/<str:layer>/<path:key>/": case(
        GET=staff_only(
            page=tuple(actor for actor in STAFF if actor != "neighbour"), hidden=("neighbour",)
        )
    ),
    "desk/aufnahme/hinweise/": entering(GET={"page": _WORKERS}),
    "desk/aufnahme/vorschlaege/": entering(POST={"page": _WORKERS}),
    "desk/loeschen/": overseeing("admin", GET=PAGE),
    "desk/eakte/": overseeing("dispatcher", "admin", GET=PAGE),
    "desk/eakte/<int:handover_id>/": overseeing(
        "dispatcher", "admin", has_object=True, body={"was": "bestaetigt"}, POST=MAY
    ),
    "desk/datenschutz/": overseeing(GET=PAGE),
    "desk/datenschutz/bestaetigen/": overseeing(GET=PAGE, POST=PAGE),
    "desk/datenschutz/person/": overseeing(GET=PAGE, POST=PAGE),
    "desk/datenschutz/<int:request_id>/": overseeing(has_object=True, POST=MAY),
    "desk/vorschlaege/": desk(GET=staff_only(page=STAFF)),
    "desk/aufnahme/entwurf/": entering(POST={"refused": _WORKERS}),
    # Only who entered a report sees its receipt; nobody here entered any.
    "desk/aufnahme/<str:number>/": entering(GET={"hidden": _WORKERS}),
    "desk/aufnahme/<str:number>/zuruecknehmen/": entering(POST={"hidden": _WORKERS}),
    "desk/ereignisse/": desk(GET=staff_only(page=STAFF)),
    # There is no incident here, so whoever may open the page finds none.
    "desk/ereignisse/eroeffnen/": dispatching(POST={"may": ("dispatcher",)}),
    "desk/ereignisse/<int:incident_id>/": desk(GET=_NOWHERE),
    "desk/ereignisse/<int:incident_id>/gebiet.geojson": desk(GET=_NOWHERE),
    "desk/ereignisse/<int:incident_id>/entscheiden/": desk(POST=_NOWHERE),
    "desk/ereignisse/<int:incident_id>/antwort/": desk(POST=_NOWHERE),
    "desk/ereignisse/<int:incident_id>/ende/": desk(POST=_NOWHERE),
    "desk/posteingang/": dispatching(GET={"page": ("dispatcher",)}),
    "desk/posteingang/<int:mail_id>/": dispatching(
        True, {"was": "discarded"}, POST={"may": ("dispatcher",)}
    ),
    "desk/posteingang/<int:mail_id>/datei/<int:ordinal>/": dispatching(
        True, GET={"page": ("dispatcher",)}
    ),
    "desk/rueckrufe/": entering(GET={"page": _WORKERS}),
    "desk/rueckrufe/<int:task_id>/": entering(
        True, {"ausgang": "done"}, POST={"may": _CIRCLE, "hidden": _NOT_THEIRS}
    ),
    "desk/rueckrufe/<int:task_id>/brief/": entering(
        True, GET={"page": _CIRCLE, "hidden": _NOT_THEIRS}
    ),
    "desk/auswertung/": figures(GET={"page": _COUNTED_FOR}),
    "desk/auswertung/tabelle.csv": figures(GET={"page": _COUNTED_FOR}),
    "desk/auswertung/vorgaenge/": figures(GET={"page": _COUNTED_FOR}),
    **RULES,
    "desk/auswertung/berichte/": reporting(GET={"page": _REPORTERS}, POST={"may": _REPORTERS}),
    "desk/auswertung/berichte/<int:report_id>/": reporting(
        True, GET={"page": _REPORTERS}, POST={"may": _REPORTERS}
    ),
    # Nobody has made it yet: it can neither be printed nor released.
    "desk/auswertung/berichte/<int:report_id>/bericht.pdf": reporting(
        True, GET={"hidden": _REPORTERS}
    ),
    "desk/auswertung/berichte/<int:report_id>/freigeben/": reporting(
        True, POST={"may": _REPORTERS}
    ),
    "desk/auswertung/berichte/<int:report_id>/verwerfen/": reporting(
        True, POST={"may": _REPORTERS}
    ),
    "desk/aemter/": administering(GET={"page": ("admin",)}),
    "desk/aemter/neu/<slug:kind>/": administering(
        GET={"hidden": ("admin",)}, POST={"hidden": ("admin",)}
    ),
    "desk/aemter/<int:change_id>/": administering(
        GET={"hidden": ("admin",)}, POST={"hidden": ("admin",)}
    ),
    "desk/wiedervorlagen/": entering(GET={"page": _WORKERS}),
    "desk/wiedervorlagen/<int:passing_id>/": entering(
        True, {"ausgang": "settled"}, POST={"may": _CIRCLE, "hidden": _NOT_THEIRS}
    ),
    "desk/wiedervorlagen/<int:passing_id>/schreiben/": entering(
        True, GET={"page": _CIRCLE, "hidden": _NOT_THEIRS}
    ),
    "desk/kommune/": desk(POST=staff_only(hidden=STAFF)),
    "desk/bereitschaft/": Row(
        {
            name: staff_only(
                **{answer: _PLANNERS, "forbidden": _NO_PLANNERS}  # type: ignore[arg-type]
            )
            for name, answer in (("GET", PAGE), ("POST", MAY), ("PUT", METHOD), ("DELETE", METHOD))
        }
    ),
    "desk/abwesenheit/": desk(GET=_ENTERS, POST=staff_only(may=STAFF)),
    "desk/abwesenheit/<int:absence_id>/": desk(POST=_NOWHERE),
    "desk/abwesenheit/zurueckgeben/": desk(GET=_ENTERS, POST=staff_only(may=STAFF)),
    # The code in the link opens it; without one there is nothing, for whoever asks.
    "desk/alarm/<int:alert_id>/": Row(
        {"GET": everybody(HIDDEN), "POST": everybody(HIDDEN)}
        | dict.fromkeys(("PUT", "DELETE"), everybody(METHOD))
    ),
    "desk/anmelden/": Row({name: everybody(PAGE) for name in METHODS}),
    "desk/anmelden/code/": Row(
        {
            name: cells(
                page=("half_admin",),
                login=tuple(actor for actor in ACTORS if actor != "half_admin"),
            )
            for name in METHODS
        }
    ),
    "desk/abmelden/": desk(POST=staff_only(login=STAFF)),
    "desk/konto/": desk(GET=_ENTERS, POST=_ENTERS),
    "desk/freigabe/": Row(
        {"GET": _MODERATES, **dict.fromkeys(("POST", "PUT", "DELETE"), _MODERATES_METHOD)}
    ),
    "desk/freigabe/liste/": Row(
        {"GET": _MODERATES, **dict.fromkeys(("POST", "PUT", "DELETE"), _MODERATES_METHOD)}
    ),
    # Without a decision there is nothing to take back.
    "desk/freigabe/zuruecknehmen/": Row(
        {"POST": _MODERATES_NOTHING, **dict.fromkeys(("GET", "PUT", "DELETE"), _MODERATES_METHOD)}
    ),
    "desk/pruefung/": screening(GET={"page": _SCREENERS}),
    # Without a wave or a number there is nothing to decide.
    "desk/pruefung/entscheiden/": screening(POST={"hidden": _SCREENERS}),
    "desk/pruefung/zuruecknehmen/": screening(POST={"hidden": _SCREENERS}),
    "desk/foto/<str:number>/<int:ordinal>/original/": case(
        POST=staff_only(page=(*_CIRCLE, "moderator"), hidden=("manager", "admin", *_NOT_THEIRS)),
        secret=_SEEN_SECRET,
    ),
    "desk/foto/<str:number>/<int:ordinal>/masken/": _MASKS,
    "desk/foto/<str:number>/<int:ordinal>/ohne-masken/": case(GET=_UNMASKED, secret=_SEEN_SECRET),
    "desk/foto/<str:number>/<int:ordinal>/<int:size>.<str:image_format>": case(
        GET=_SEEN, secret=_SEEN_SECRET
    ),
    "desk/vorgang/<str:number>/": case(GET=_SEEN, secret=_SEEN_SECRET),
    "desk/vorgang/<str:number>/freigabe/": Row(
        {**dict.fromkeys(METHODS, _MODERATES_METHOD), "POST": _MODERATED},
        {**dict.fromkeys(METHODS, _MODERATES_METHOD), "POST": _MODERATES_NOTHING},
        {**dict.fromkeys(METHODS, _MODERATES_METHOD), "POST": _MODERATED_SECRET},
        _MODERATION_BODY,
    ),
    "desk/vorgang/<str:number>/nachricht/": case(
        POST=_WORKED, secret=_WORKED_SECRET, body={"message": "{message}"}
    ),
    # The other case is the same one here or does not exist, so there is nothing to compare.
    "desk/vorgang/<str:number>/vergleich/<str:other>/": case(GET=_NOWHERE, POST=_NOWHERE),
    "desk/vorgang/<str:number>/vergleich/<str:other>/nein/": case(POST=_NOWHERE),
    **{f"desk/vorgang/<str:number>/{verb}/": _verb(verb) for verb in VERBS},
}
ADMINISTRATION: dict[str, Row] = {
    "admin/": Row(administration(PAGE)),
    "admin/login/": Row(
        dict.fromkeys(METHODS, cells(moved=(ADMIN,), login=STRANGERS, forbidden=_OTHERS))
    ),
    "admin/logout/": Row(
        {
            method: dict.fromkeys(ACTORS, MOVED) | {ADMIN: LOGIN if method == "POST" else METHOD}
            for method in METHODS
        }
    ),
    "admin/password_change/": Row(administration(PAGE, DELETE=METHOD)),
    "admin/password_change/done/": Row(administration(METHOD, GET=PAGE)),
    "admin/autocomplete/": Row(administration(METHOD, GET=FORBIDDEN)),
    "admin/jsi18n/": Row(administration(METHOD, GET=PAGE)),
    "admin/r/<path:content_type_id>/<path:object_id>/": Row(
        administration(HIDDEN), administration(HIDDEN)
    ),
    "admin/^<app_label>/$": Row(administration(PAGE)),
    "admin/(?P<url>.*)$": Row(administration(HIDDEN)),
    **admin_rows("accounts/municipality", add=FORBIDDEN, delete=FORBIDDEN),
    **admin_rows("accounts/office"),
    **admin_rows("accounts/team"),
    **admin_rows("opendata/subscriber"),
    **admin_rows("accounts/user", delete=FORBIDDEN),
    "admin/accounts/user/<id>/password/": Row(administration(PAGE), administration(HIDDEN)),
    **admin_rows("accounts/apiclient", delete=FORBIDDEN),
    **admin_rows("routing/area"),
    "admin/routing/area/import/": Row(administration(PAGE)),
    "admin/routing/area/<path:object_id>/version/": Row(
        administration(PAGE, POST=REFUSED), administration(HIDDEN)
    ),
    "admin/routing/assetlayer/import/": Row(administration(PAGE)),
    **admin_rows("routing/assetlayer"),
    **admin_rows("routing/asset", add=FORBIDDEN, delete=FORBIDDEN),
    **admin_rows("routing/category"),
    **admin_rows("routing/wordtopic"),
    **admin_rows("routing/categorynotice"),
    **admin_rows("routing/rule", add=FORBIDDEN, delete=FORBIDDEN, posted=FORBIDDEN),
    **admin_rows("routing/officehours"),
    **admin_rows("routing/closingday"),
    **admin_rows("routing/oncallshift"),
    **admin_rows("sensors/fleet", posted=MAY),
    **admin_rows("sensors/device"),
    **admin_rows("reports/blockedsender"),
    **admin_rows("reports/deletionclass"),
    **admin_rows("reports/escalationstep"),
    **admin_rows("figures/statisticschoice"),
    **admin_rows("leakcheck/leakcheck", add=FORBIDDEN, delete=FORBIDDEN, posted=FORBIDDEN),
    **admin_rows("reports/outsidebody"),
    **admin_rows("reports/firm"),
    **admin_rows("notifications/template"),
    **admin_rows("notifications/message", add=FORBIDDEN, delete=FORBIDDEN, posted=FORBIDDEN),
}
SHARED_HOST = INSTALLATION | API | GEOREPORT_ANYWHERE | OPEN_DATA | DESK | ADMINISTRATION
# A town's own host: the town goes without saying.
OWN_HOST = (
    SHARED_HOST
    | TOWN
    | GEOREPORT_HERE
    | {
        "api/v1/categories": public(GET=PAGE),
        "api/v1/reports": public(GET=PAGE, POST=REFUSED),
    }
)
