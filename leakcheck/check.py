"""Search everything public of some towns for personal data, and keep what was found as rows."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from accounts.models import Municipality
from leakcheck.alarm import tell_of_leaks
from leakcheck.crawl import DATA, STAFF_ONLY, Crawl
from leakcheck.exits import Limits, beginnings
from leakcheck.known import known_people, numbers_of
from leakcheck.models import LeakCheck
from leakcheck.rows import look_at_rows
from leakcheck.search import Finding, Search
from leakcheck.stores import (
    look_into_kept_tables,
    look_into_logs,
    look_into_ready_files,
    look_into_redis,
)
from leakcheck.visit import Visitor

LANGUAGES = ("de", "en")
KEPT = 60  # results of a town
USUAL = Limits()


def check_leaks(
    towns: Sequence[Municipality],
    *,
    limits: Limits = USUAL,
    logs: Sequence[str] = (),
) -> list[LeakCheck]:
    """Search rows, pages, files, Redis and logs; one result a town, stored. Hits raise an alarm.

    What belongs to no town alone (Redis, logs, tables) is found with the first one.
    """
    results: list[LeakCheck] = []
    people = known_people(list(towns))
    for town in towns:
        started_at = timezone.now()
        search = Search(people)
        look_at_rows(search, town)
        look_at_exits(search, town, limits=limits)
        if not results:
            look_into_stores(search, logs)
        results.append(_kept(search, town, started_at))
    tell_of_leaks(results)
    return results


def look_at_exits(
    search: Search,
    town: Municipality,
    *,
    limits: Limits = USUAL,
    languages: Sequence[str] = LANGUAGES,
    further: Sequence[str] = (),
) -> dict[str, int]:
    """Fetch what strangers can fetch; the addresses (`further` among them) with their status."""
    seen: dict[str, int] = {}
    for language in languages:
        without = STAFF_ONLY + (DATA if language != languages[0] else ())
        crawl = Crawl(search, visitor_of(town, language), limits, without)
        prefix = "" if town.host_name else f"/{town.slug}"
        crawl.run([*beginnings(town, prefix, limits), *further])
        if crawl.seen.get(f"{prefix}/") != 200:
            search.gave_up(f"{crawl.visitor.host}{prefix}/")
        seen |= crawl.seen
    return seen


def look_into_stores(search: Search, logs: Sequence[str] = ()) -> None:
    """Search what lies behind the public: files made ahead, lasting tables, Redis, logs."""
    look_into_ready_files(search)
    look_into_kept_tables(search)
    look_into_redis(search)
    look_into_logs(search, logs)


def visitor_of(town: Municipality, language: str) -> Visitor:
    """A stranger on the town's own host, or on the installation's."""
    return Visitor(town.host_name or urlsplit(settings.BASE_URL).netloc, language)


def findings_of(search: Search) -> dict[Finding, int]:
    """What was found, people's values named by the number of their case."""
    found = dict(search.found)
    numbers = numbers_of(set(search.owners()))
    for (exit_name, kind, owner), times in search.of_people.items():
        number = numbers[owner][0] if owner in numbers else ""
        found[Finding(exit_name, number, kind)] = times
    return found


def _kept(search: Search, town: Municipality, started_at: datetime) -> LeakCheck:
    findings = sorted(findings_of(search).items())
    kept = LeakCheck.objects.create(
        municipality=town,
        started_at=started_at,
        ended_at=timezone.now(),
        rows=search.rows,
        exits=search.exits,
        read_bytes=search.read_bytes,
        hits=len(findings),
        findings=[
            {"exit": each.exit, "number": each.number, "kind": each.kind, "times": times}
            for each, times in findings
        ],
        unchecked=search.unchecked,
    )
    older = LeakCheck.objects.filter(municipality=town).order_by("-started_at")
    LeakCheck.objects.filter(pk__in=list(older.values_list("pk", flat=True)[KEPT:])).delete()
    return kept
