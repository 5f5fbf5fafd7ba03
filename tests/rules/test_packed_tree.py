"""The spatial index of a GeoPackage, put together leaf by leaf, is one that SQLite goes on with."""

import random
import sqlite3

import pytest

from opendata import packed_tree


@pytest.mark.parametrize("number", [0, 1, 51, 52, 5_101, 6_000])
def test_sqlite_finds_and_changes_what_was_packed(number: int) -> None:
    chance = random.Random(number)
    points = [(i, 9.1 + chance.random() / 5, 49.1 + chance.random() / 5) for i in range(number)]
    points.sort(key=lambda point: (round(point[1], 2), point[2]))
    file = sqlite3.connect(":memory:")
    file.execute("CREATE VIRTUAL TABLE tree USING rtree(id, minx, maxx, miny, maxy)")

    packed_tree.fill(file, "tree", iter(points))

    assert file.execute("SELECT rtreecheck('tree')").fetchone() == ("ok",)
    box = (9.15, 9.2, 49.15, 49.2)
    found = file.execute(
        "SELECT id FROM tree WHERE maxx >= ? AND minx <= ? AND maxy >= ? AND miny <= ?", box
    )
    inside = {i for i, x, y in points if box[0] <= x <= box[1] and box[2] <= y <= box[3]}
    assert inside <= {row[0] for row in found}
    file.execute("INSERT INTO tree VALUES (99999, 9, 9, 49, 49)")
    file.executemany("DELETE FROM tree WHERE id = ?", [(i,) for i in range(0, number, 3)])
    assert file.execute("SELECT rtreecheck('tree')").fetchone() == ("ok",)
    left = number - len(range(0, number, 3)) + 1
    assert file.execute("SELECT count(*) FROM tree").fetchone() == (left,)
