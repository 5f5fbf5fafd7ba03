"""From 201 to "in the office's queue" and to the confirmation mail in the sink.

Runs against the demo stack (`make up` first). Prints idle figures, figures under load, and beside
them the enqueue → start time of an empty Celery task in the same run.

Reports come as a citizen's, without a token (the local stack counts a thousandfold milder); with
`--bulk` as those of a client for mass imports, which are routed and published in the lane `bulk`,
by one process in the local stack.

    make bench NAME=latency ARGS="--rate 5 --seconds 120"
"""

import argparse
import asyncio
import json
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import quantiles

import django
import httpx

LIMITS = {"queue": (0.3, 2.0), "mail": (0.6, 5.0)}  # seconds: idle, p95 under load
Headers = Mapping[str, str]
STREETS = ("Allee", "Kaiserstraße", "Sülmerstraße", "Fleiner Straße", "Weststraße")


@dataclass
class Sent:
    """One accepted report: number, address, and when its 201 was here (epoch seconds)."""

    number: str
    address: str
    answered_at: float
    took: float


async def send(client: httpx.AsyncClient, position: int) -> Sent:
    """Post one text report with an address of its own."""
    address = f"bench-{uuid.uuid4().hex[:10]}@buerger.example"
    body = {
        "municipality": "heilbronn",
        "category": "strasse.schlagloch",
        "answers": {"lage": "fahrbahn"},
        "lon": 9.2187 + position % 50 / 10_000,
        "lat": 49.1427,
        "place_chosen_by": "map",
        "description": f"Schlagloch {position} in der {STREETS[position % 5]}",
        "email": address,
    }
    begun = time.time()
    answer = await client.post(
        "/api/v1/reports", json=body, headers={"Idempotency-Key": uuid.uuid4().hex}
    )
    now = time.time()
    if answer.status_code != 201:
        raise SystemExit(f"{answer.status_code}: {answer.text[:500]}")
    return Sent(answer.json()["number"], address, now, now - begun)


async def under_load(base: str, headers: Headers, rate: float, seconds: float) -> list[Sent]:
    """Send at a steady rate for some seconds."""
    async with httpx.AsyncClient(base_url=base, timeout=30, headers=headers) as client:
        started = time.monotonic()
        tasks = []
        for position in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, started + position / rate - time.monotonic()))
            tasks.append(asyncio.create_task(send(client, position)))
        return list(await asyncio.gather(*tasks))


async def idle(base: str, headers: Headers, count: int) -> list[Sent]:
    """Send one by one with pauses, so that every report finds the workers idle."""
    sent = []
    async with httpx.AsyncClient(base_url=base, timeout=30, headers=headers) as client:
        for position in range(count):
            sent.append(await send(client, position))
            await asyncio.sleep(1.2)
    return sent


@contextmanager
def a_sender(*, is_bulk: bool) -> Iterator[Headers]:
    """What a citizen's request carries, or that of a client for mass imports."""
    from accounts.api_clients import issue_token
    from accounts.models import RateClass

    if not is_bulk:
        yield {}
        return
    client, token = issue_token(name="bench", municipality=None, rate_class=RateClass.BULK)
    try:
        yield {"Authorization": f"Bearer {token}"}
    finally:
        client.delete()


def queue_times(sent: list[Sent]) -> list[float]:
    """Seconds from the 201 to the committed routing of each report; waits up to a minute."""
    from reports.models import Report

    waiting = {item.number: item.answered_at for item in sent}
    times = []
    for _round in range(60):
        rows = Report.objects.filter(number__in=waiting, routed_at__isnull=False)
        for number, at in rows.values_list("number", "routed_at"):
            assert at is not None
            times.append(max(0.0, at.timestamp() - waiting.pop(number)))
        if not waiting:
            break
        time.sleep(1)
    if waiting:
        print(f"  {len(waiting)} not routed within a minute")
    return times


def mail_times(sent: list[Sent], mail_url: str) -> list[float]:
    """Seconds from the 201 to the confirmation mail in the sink; waits up to a minute."""
    waiting = {item.address: item.answered_at for item in sent}
    times = []
    for _round in range(60):
        for mail in httpx.get(f"{mail_url}/api/messages", timeout=60).json()["messages"]:
            for address in mail["to"]:
                if address in waiting:
                    at = datetime.fromisoformat(mail["received_at"]).timestamp()
                    times.append(max(0.0, at - waiting.pop(address)))
        if not waiting:
            break
        time.sleep(1)
    if waiting:
        print(f"  {len(waiting)} mails missing after a minute")
    return times


def show(label: str, times: list[float], limit: float) -> None:
    """Print p50 and p95 beside the limit."""
    cuts = quantiles(times, n=20)
    print(
        f"  {label:32} p50 {cuts[9] * 1000:7.0f} ms   p95 {cuts[18] * 1000:7.0f} ms"
        f"   limit {limit * 1000:.0f} ms"
    )


def main() -> None:
    """Measure idle, then under load, then the empty task."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=5.0)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--idle", type=int, default=20)
    parser.add_argument("--bulk", action="store_true", help="as a client for mass imports")
    arguments = parser.parse_args()
    django.setup()
    with a_sender(is_bulk=arguments.bulk) as headers:
        measure_all(arguments, headers)


def measure_all(arguments: argparse.Namespace, headers: Headers) -> None:
    """Idle, under load, and the floor; printed as they come."""
    from bench.empty_task import measure

    demo = json.loads(Path("var/demo.json").read_text())
    base, mails = demo["base_url"], demo["mail_url"]
    calm = asyncio.run(idle(base, headers, arguments.idle))
    print(f"idle, {len(calm)} reports one by one")
    show("201 → in the office's queue", queue_times(calm), LIMITS["queue"][0])
    show("201 → confirmation mail", mail_times(calm, mails), LIMITS["mail"][0])
    loaded = asyncio.run(under_load(base, headers, arguments.rate, arguments.seconds))
    print(f"{arguments.rate:g} reports a second, {len(loaded)} in all")
    show("answer of the API", [item.took for item in loaded], 1.5)
    show("201 → in the office's queue", queue_times(loaded), LIMITS["queue"][1])
    show("201 → confirmation mail", mail_times(loaded, mails), LIMITS["mail"][1])
    p50, p95 = measure()
    print(
        f"  {'floor: an empty Celery task':32} p50 {p50 * 1000:7.1f} ms   p95 {p95 * 1000:7.1f} ms"
    )


if __name__ == "__main__":
    main()
