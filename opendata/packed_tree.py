"""Fills SQLite's R*Tree of points from the bottom: full leaves side by side, then their parents.

Row by row the tree looks for the best leaf and splits it when it is full, which takes longer than
writing the rows themselves. The three tables behind a tree are ordinary ones, and their form is
stable (https://sqlite.org/rtree.html, section 5: a node is a depth, a count and cells of an id and
four 32-bit floats, all big endian). Pure but for the file.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

# 51 cells fill a node of a tree of two dimensions on pages of 4096 bytes or more.
_FULL = 51
_CELL = np.dtype([("id", ">i8"), ("box", ">f4", 4)])
_NODE_BYTES = 4 + _FULL * _CELL.itemsize
_AT_ONCE = 100 * _FULL
_ROOT = 1
Cells = NDArray[np.void]


def fill(file: sqlite3.Connection, tree: str, places: Iterable[tuple[int, float, float]]) -> None:
    """Fill an empty tree `rtree(id, minx, maxx, miny, maxy)` with points, neighbours together.

    `tree` is a name of ours. Points are read as they are needed, a few thousand at once.
    """
    found = _pieces(iter(places))
    first = next(found, None)
    if first is None:
        return
    if len(first) <= _FULL:
        _put_root(file, tree, first, 0)
        return
    node, parents = _ROOT + 1, []
    for cells in chain([first], found):
        parents.append(_put_nodes(file, tree, cells, node, holds="rowid"))
        node += len(parents[-1])
    level, depth = np.concatenate(parents).astype(_CELL), 1
    while len(level) > _FULL:
        level = _put_nodes(file, tree, level, node, holds="parent")
        node, depth = node + len(level), depth + 1
    _put_root(file, tree, level, depth)


def _pieces(places: Iterator[tuple[int, float, float]]) -> Iterator[Cells]:
    """Some thousand cells at once; a few that are left go with those before, for no leaf may be
    nearly empty."""
    piece = list(islice(places, _AT_ONCE))
    while piece:
        following = list(islice(places, _AT_ONCE))
        if len(following) < _FULL:
            piece, following = piece + following, []
        yield _cells(piece)
        piece = following


def _put_root(file: sqlite3.Connection, tree: str, cells: Cells, depth: int) -> None:
    holds = "parent" if depth else "rowid"
    update = f"UPDATE {tree}_node SET data = ? WHERE nodeno = {_ROOT}"  # noqa: S608
    file.execute(update, [_node(cells, depth)])
    insert = f"INSERT INTO {tree}_{holds} VALUES (?, {_ROOT})"  # noqa: S608
    file.executemany(insert, ((each,) for each in cells["id"].tolist()))


def _put_nodes(
    file: sqlite3.Connection, tree: str, cells: Cells, first: int, *, holds: str
) -> Cells:
    """Write nodes of these cells, equally full, numbered from `first`; a cell for each of them."""
    groups = np.array_split(cells, -(-len(cells) // _FULL))
    blobs = ((node, _node(group, 0)) for node, group in enumerate(groups, first))
    file.executemany(f"INSERT INTO {tree}_node VALUES (?, ?)", blobs)  # noqa: S608
    pairs = (
        (each, node) for node, group in enumerate(groups, first) for each in group["id"].tolist()
    )
    file.executemany(f"INSERT INTO {tree}_{holds} VALUES (?, ?)", pairs)  # noqa: S608
    above = np.empty(len(groups), _CELL)
    above["id"] = np.arange(first, first + len(groups))
    for at, group in enumerate(groups):
        lows, highs = group["box"].min(axis=0), group["box"].max(axis=0)
        above["box"][at] = (lows[0], highs[1], lows[2], highs[3])
    return above


def _cells(rows: list[tuple[int, float, float]]) -> Cells:
    """Boxes of points: 32-bit floats are coarser, so a box is rounded away from its point."""
    cells = np.empty(len(rows), _CELL)
    cells["id"] = [row[0] for row in rows]
    for at in (1, 2):
        exact = np.array([row[at] for row in rows])
        near = exact.astype(np.float32)
        down = np.where(near > exact, np.nextafter(near, np.float32(-np.inf)), near)
        up = np.where(near < exact, np.nextafter(near, np.float32(np.inf)), near)
        cells["box"][:, 2 * at - 2], cells["box"][:, 2 * at - 1] = down, up
    return cells


def _node(cells: Cells, depth: int) -> bytes:
    head = depth.to_bytes(2, "big") + len(cells).to_bytes(2, "big")
    return (head + cells.tobytes()).ljust(_NODE_BYTES, b"\0")
