"""Play the rows of a file of cases through the public HTTP API at a given rate.

    make bench NAME=play ARGS="FILE --base http://127.0.0.1:8000 --municipality konstanz \
        --token anl_… --rate 20 [--photos 0.2] [--limit 500]"

Rows without a point, and points outside, are sent as far as they can be: what the API says is
counted by code. Every 201 is written to a ledger before it is counted.
"""

import argparse
import asyncio
import csv
import gzip
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from demo.photos import as_phone_jpeg, draw_scene

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass
class Tally:
    """What the run did; latencies in seconds."""

    answers: Counter[str] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    accepted: list[dict[str, Any]] = field(default_factory=list)

    def share(self, part: float) -> float:
        """A percentile of the latencies."""
        ordered = sorted(self.latencies) or [0.0]
        return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    """Rows of a CSV file, also .gz."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


async def play(arguments: argparse.Namespace) -> Tally:
    """Send every row once; at most 16 in flight; stops by itself at the end of the file."""
    tally, started = Tally(), time.monotonic()
    words = await _category_codes(arguments)
    rows = list(rows_of(arguments.file))[: arguments.limit]
    photos = [_photo(seed) for seed in range(4)] if arguments.photos else []
    chance = random.Random(arguments.seed)
    gate = asyncio.Semaphore(16)
    headers = {"Authorization": f"Bearer {arguments.token}"} if arguments.token else {}
    async with httpx.AsyncClient(base_url=arguments.base, headers=headers, timeout=30) as client:

        async def send(position: int, row: dict[str, str]) -> None:
            async with gate:
                await _send(client, arguments, tally, words, row, _some(chance, photos, arguments))
                if position % 250 == 0:
                    print(f"  {position} …", file=sys.stderr)

        tasks = []
        for position, row in enumerate(rows, start=1):
            due = started + position / arguments.rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            tasks.append(asyncio.create_task(send(position, row)))
        await asyncio.gather(*tasks)
    return tally


async def _send(
    client: httpx.AsyncClient,
    arguments: argparse.Namespace,
    tally: Tally,
    words: dict[str, str],
    row: dict[str, str],
    photos: list[bytes],
) -> None:
    report = {
        "municipality": arguments.municipality,
        "category": words.get(row[arguments.category_column], row[arguments.category_column]),
        "description": row.get(arguments.text_column, ""),
        "place_chosen_by": "map",
    }
    if row["lon"] and row["lat"]:
        report |= {"lon": float(row["lon"]), "lat": float(row["lat"])}
    files = [("report", (None, json.dumps(report), "application/json"))]
    files += [("photos", (f"{n}.jpg", data, "image/jpeg")) for n, data in enumerate(photos)]  # type: ignore[misc]
    begun = time.monotonic()
    answer = await client.post(
        "/api/v1/reports",
        files=files,
        headers={"Idempotency-Key": f"play-of-{arguments.run}-{row.get('id') or hash(str(row))}"},
    )
    tally.latencies.append(time.monotonic() - begun)
    content = answer.json()
    if answer.status_code == 201:
        tally.accepted.append({"id": row.get("id"), "number": content["number"]})
        tally.answers["201"] += 1
    else:
        codes = ",".join(error["code"] for error in content.get("errors", [])) or content["code"]
        tally.answers[f"{answer.status_code} {codes}"] += 1


async def _category_codes(arguments: argparse.Namespace) -> dict[str, str]:
    """Codes by the words of the file: the API's own list of categories, by name and keyword."""
    async with httpx.AsyncClient(base_url=arguments.base, timeout=30) as client:
        answer = await client.get(
            "/api/v1/categories", params={"municipality": arguments.municipality}
        )
    words: dict[str, str] = {}
    for group in answer.json()["groups"]:
        for category in group["categories"]:
            names = [category["name"], f"{group['name']} > {category['name']}"]
            words |= dict.fromkeys([*names, *category.get("keywords", [])], category["code"])
    return words


def _photo(seed: int) -> bytes:
    return as_phone_jpeg(
        draw_scene("generic", seed, (1200, 900)), lon=9.2, lat=49.1, taken_at=datetime.now(UTC)
    )


def _some(chance: random.Random, photos: list[bytes], arguments: argparse.Namespace) -> list[bytes]:
    return [chance.choice(photos)] if photos and chance.random() < arguments.photos else []


def main() -> None:
    """Read the arguments, play, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--base", default="http://127.0.0.1:8000")
    parser.add_argument("--municipality", required=True)
    parser.add_argument("--token", default="")
    parser.add_argument("--rate", type=float, default=10.0, help="reports a second")
    parser.add_argument("--photos", type=float, default=0.0, help="share of reports with a photo")
    parser.add_argument("--limit", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--run", default=str(int(time.time())), help="same word = same keys again")
    parser.add_argument("--category-column", default="category")
    parser.add_argument("--text-column", default="text")
    parser.add_argument("--ledger", type=Path)
    arguments = parser.parse_args()
    if httpx.URL(arguments.base).host not in LOOPBACK:
        parser.error("load goes to loopback only")
    started = time.monotonic()
    tally = asyncio.run(play(arguments))
    seconds = time.monotonic() - started
    sent = sum(tally.answers.values())
    print(f"{sent} rows in {seconds:.1f} s ({sent / seconds:.1f}/s)")
    for answer, count in tally.answers.most_common():
        print(f"  {count:6}  {answer}")
    print(f"  answer p50 {tally.share(0.5) * 1000:.0f} ms, p95 {tally.share(0.95) * 1000:.0f} ms")
    if arguments.ledger:
        arguments.ledger.write_text("\n".join(json.dumps(row) for row in tally.accepted))


if __name__ == "__main__":
    main()
