"""Published reports as GeoPackage 1.3, written row by row into an SQLite file. Pure but for it."""

import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from opendata import packed_tree
from opendata.columns import COLUMNS, NUMBER, WHOLE
from reports.queries.public_facts import TownFacts

TABLE = "reports"
FORM = 3  # how files are made; another number makes them anew
_APPLICATION_ID, _VERSION = 0x47504B47, 10300
_COLUMNS = [column for column in COLUMNS if column.in_features]
_TYPES = {NUMBER: "DOUBLE", WHOLE: "INTEGER"}
_WGS84 = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],'
    'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4326"]]'
)
# The tables every GeoPackage has (GeoPackage 1.3, annex C), as far as features need them.
_FRAME = """
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY,
    organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL,
    definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL,
    identifier TEXT UNIQUE, description TEXT DEFAULT '', last_change DATETIME NOT NULL,
    min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
    CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,
    geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL,
    m TINYINT NOT NULL, CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
    CONSTRAINT uk_gc_table_name UNIQUE (table_name),
    CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
    CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
"""


# The spatial index (GeoPackage 1.3, annex F.3): a tree of boxes, and what keeps it right where
# somebody changes the file. Triggers come last; until then the functions they call are not needed.
_INDEX = """
CREATE TABLE gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL,
    definition TEXT NOT NULL, scope TEXT NOT NULL,
    CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
INSERT INTO gpkg_extensions VALUES ('reports', 'geom', 'gpkg_rtree_index',
    'http://www.geopackage.org/spec120/#extension_rtree', 'write-only');
CREATE VIRTUAL TABLE rtree_reports_geom USING rtree(id, minx, maxx, miny, maxy);
"""
# Neighbours side by side, which makes the tree small and quick; sorted on the disk.
_PLACES = "SELECT fid, x, y FROM place ORDER BY round(x, 2), y"
_IS_THERE = "NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom)"
_IS_EMPTY = "NEW.geom ISNULL OR ST_IsEmpty(NEW.geom)"
_PUT = """INSERT OR REPLACE INTO rtree_reports_geom VALUES (NEW.fid, ST_MinX(NEW.geom),
    ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom))"""
_TAKE = "DELETE FROM rtree_reports_geom WHERE id"
_TRIGGERS = {
    "insert": ("INSERT", _IS_THERE, _PUT),
    "update1": ("UPDATE OF geom", f"OLD.fid = NEW.fid AND ({_IS_THERE})", _PUT),
    "update2": ("UPDATE OF geom", f"OLD.fid = NEW.fid AND ({_IS_EMPTY})", f"{_TAKE} = OLD.fid"),
    "update3": ("UPDATE", f"OLD.fid != NEW.fid AND ({_IS_THERE})", f"{_TAKE} = OLD.fid; {_PUT}"),
    "update4": (
        *("UPDATE", f"OLD.fid != NEW.fid AND ({_IS_EMPTY})"),
        f"{_TAKE} IN (OLD.fid, NEW.fid)",
    ),
    "delete": ("DELETE", "OLD.geom NOT NULL", f"{_TAKE} = OLD.fid"),
}


def write(
    path: Path, batches: Iterable[list[tuple[Any, ...]]], town: TownFacts, changed_at: datetime
) -> None:
    """Write a new file; rows are geometry, the values of the columns of features, lon and lat."""
    with sqlite3.connect(path, isolation_level=None) as file:
        # It is made anew where the process dies on the way; few pages are kept in memory.
        file.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-1000;"
            "PRAGMA temp_store=FILE; PRAGMA temp.cache_size=-500;"
            f"PRAGMA application_id={_APPLICATION_ID}; PRAGMA user_version={_VERSION};"
        )
        file.execute("BEGIN")
        _frame(file, town, changed_at)
        # Names are our own columns.
        names = ", ".join(f'"{column.name}"' for column in _COLUMNS)
        places = ", ".join("?" * (len(_COLUMNS) + 1))
        insert = f"INSERT INTO {TABLE} (fid, geom, {names}) VALUES (?, {places})"  # noqa: S608
        file.execute("CREATE TEMPORARY TABLE place (fid INTEGER, x DOUBLE, y DOUBLE)")
        first = 1
        for rows in batches:
            file.executemany(insert, ((fid, *row[:-2]) for fid, row in enumerate(rows, first)))
            spots = ((fid, *row[-2:]) for fid, row in enumerate(rows, first))
            file.executemany("INSERT INTO place VALUES (?, ?, ?)", spots)
            first += len(rows)
        _index(file)
        file.execute("COMMIT")
    file.close()


def _index(file: sqlite3.Connection) -> None:
    for statement in _INDEX.split(";\n"):
        file.execute(statement)
    packed_tree.fill(file, "rtree_reports_geom", file.execute(_PLACES))
    file.execute("DROP TABLE place")
    for name, (event, when, what) in _TRIGGERS.items():
        file.execute(
            f"CREATE TRIGGER rtree_reports_geom_{name} AFTER {event} ON {TABLE}"
            f" WHEN {when} BEGIN {what}; END"
        )


def _frame(file: sqlite3.Connection, town: TownFacts, changed_at: datetime) -> None:
    for statement in _FRAME.split(";\n"):
        file.execute(statement)
    systems = [
        ("Undefined Cartesian", -1, "NONE", -1, "undefined"),
        ("Undefined geographic", 0, "NONE", 0, "undefined"),
        ("WGS 84", 4326, "EPSG", 4326, _WGS84),
    ]
    file.executemany("INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, NULL)", systems)
    moment = changed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    note = f"{town.official_name}; {town.licence}"
    facts = (TABLE, "features", f"Meldungen {town.name}", note, moment)
    box = (town.west, town.south, town.east, town.north, 4326)
    file.execute("INSERT INTO gpkg_contents VALUES (?,?,?,?,?,?,?,?,?,?)", facts + box)
    file.execute(
        "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', 'POINT', 4326, 0, 0)", [TABLE]
    )
    columns = ", ".join(f'"{column.name}" {_TYPES.get(column.kind, "TEXT")}' for column in _COLUMNS)
    file.execute(f"CREATE TABLE {TABLE} (fid INTEGER PRIMARY KEY, geom POINT, {columns})")
