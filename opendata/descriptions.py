"""What stands beside the table for programs: Frictionless data package and CSVW metadata. Pure."""

from typing import Any

from opendata.columns import COLUMNS, LINKS, NUMBER, TIME, WHOLE, Column
from opendata.licences import attribution, licence_name
from reports.queries.public_facts import TownFacts

NOTE = "Meldungen sind Hinweise aus der Bürgerschaft, keine festgestellten Mängel."
_FRICTIONLESS = {TIME: "datetime", NUMBER: "number", WHOLE: "integer"}
_CSVW = {TIME: "dateTimeStamp", NUMBER: "double", WHOLE: "integer", LINKS: "anyURI"}


def data_package(town: TownFacts, *, csv_name: str, columns: tuple[Column, ...] = COLUMNS) -> Any:
    """datapackage.json (Data Package 2): one table with the meaning of every column."""
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": f"{town.slug}-reports",
        "title": f"Meldungen {town.name}",
        "description": NOTE,
        **({"homepage": town.website} if town.website else {}),
        "licenses": [{"path": town.licence, "title": licence_name(town)}],
        "contributors": [
            {"title": attribution(town) or town.official_name, "roles": ["publisher"]}
        ],
        "resources": [
            {
                "name": "reports",
                "type": "table",
                "path": csv_name,
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "header": True},
                "schema": {
                    "fields": [_field(column) for column in columns],
                    "primaryKey": ["number"],
                    "missingValues": [""],
                },
            }
        ],
    }


def csvw(town: TownFacts, *, csv_name: str) -> Any:
    """CSVW metadata (W3C, Metadata Vocabulary for Tabular Data)."""
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "de"}],
        "url": csv_name,
        "dc:title": f"Meldungen {town.name}",
        "dc:description": NOTE,
        "dc:publisher": town.official_name,
        "dc:license": {"@id": town.licence},
        "dialect": {"delimiter": ",", "encoding": "utf-8", "header": True},
        "tableSchema": {
            "primaryKey": "number",
            "columns": [_column(column) for column in COLUMNS],
        },
    }


def _field(column: Column) -> dict[str, Any]:
    constraints: dict[str, Any] = {"required": True} if column.always else {}
    if column.name == "number":
        constraints["unique"] = True
    if column.words:
        constraints["enum"] = list(column.words)
    field = {
        "name": column.name,
        "type": _FRICTIONLESS.get(column.kind, "string"),
        "description": str(column.meaning),
        "constraints": constraints,
    }
    # With the zone, which the default form of a datetime does not allow.
    return field | ({"format": "%Y-%m-%dT%H:%M:%S%z"} if column.kind == TIME else {})


def _column(column: Column) -> dict[str, Any]:
    more = {"separator": " "} if column.kind == LINKS else {}
    return {
        "name": column.name,
        "titles": column.name,
        "dc:description": str(column.meaning),
        "datatype": _CSVW.get(column.kind, "string"),
        "required": column.always,
        **more,
    }
