"""Licences of open data and the portals that hand it on, as DCAT-AP.de names them. Pure."""

from reports.queries.public_facts import TownFacts

_LICENCES = "http://dcat-ap.de/def/licenses/"
_CONTRIBUTORS = "http://dcat-ap.de/def/contributors/"
# The page of a licence, what it is called, and its name in the list of DCAT-AP.de.
KNOWN = {
    "https://www.govdata.de/dl-de/zero-2-0": (
        "Datenlizenz Deutschland – Zero – Version 2.0",
        f"{_LICENCES}dl-zero-de/2.0",
    ),
    "https://www.govdata.de/dl-de/by-2-0": (
        "Datenlizenz Deutschland – Namensnennung – Version 2.0",
        f"{_LICENCES}dl-by-de/2.0",
    ),
    "https://creativecommons.org/publicdomain/zero/1.0/": (
        "Creative Commons CC Zero (CC0)",
        f"{_LICENCES}cc-zero",
    ),
    "https://creativecommons.org/licenses/by/4.0/": (
        "Creative Commons Namensnennung 4.0 (CC BY 4.0)",
        f"{_LICENCES}cc-by/4.0",
    ),
}
_NAMING = frozenset({f"{_LICENCES}dl-by-de/2.0", f"{_LICENCES}cc-by/4.0"})
# Where the towns of a state hand their data in; a town may name another.
_PORTALS = {
    "BW": "datenBW",
    "BY": "openDataBayern",
    "BE": "berlinOpenData",
    "BB": "openDataBrandenburg",
    "HB": "transparenzportalBremen",
    "HH": "transparenzportalHamburg",
    "HE": "hessen",
    "MV": "mecklenburgVorpommern",
    "NI": "landNiedersachsen",
    "NW": "openNRW",
    "RP": "openGovernmentDataPortalRheinlandPfalz",
    "SN": "freistaatSachsen",
    "ST": "landSachsenAnhalt",
    "SH": "schleswigHolstein",
}


def licence_name(town: TownFacts) -> str:
    """What the licence is called; its address where we do not know it."""
    return KNOWN.get(town.licence, (town.licence, ""))[0]


def licence_uri(town: TownFacts) -> str:
    """The licence in the list of DCAT-AP.de, else as the town wrote it."""
    return KNOWN.get(town.licence, ("", town.licence))[1]


def attribution(town: TownFacts) -> str:
    """How the source is to be named; empty where the licence does not ask for it."""
    return (town.attribution or town.official_name) if licence_uri(town) in _NAMING else ""


def contributor(town: TownFacts) -> str:
    """The portal that hands the data on to GovData; empty where none is known."""
    portal = _PORTALS.get(town.state, "")
    return town.contributor or (f"{_CONTRIBUTORS}{portal}" if portal else "")
