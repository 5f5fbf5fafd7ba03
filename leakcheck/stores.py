"""Places that no stranger reads and where nothing personal may lie all the same."""

import base64
import binascii
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import redis
from django.conf import settings
from django.db import connection, transaction

from leakcheck.search import Search
from leakcheck.texts import windows

REDIS_SECONDS = 5
_PIECE = 256 * 1024
# Texts of tables that are never erased or that operators read: codes and numbers only.
_STATEMENTS = {
    "timeline": "SELECT data::text FROM reports_timelineentry WHERE data <> '{}'",
    "effects": "SELECT last_error FROM reports_effect WHERE last_error <> ''",
    "messages": "SELECT last_error FROM notifications_message WHERE last_error <> ''",
}


def look_into_redis(search: Search) -> None:
    """Keys and values of the broker, with the bodies of messages opened."""
    client = _redis()
    try:
        for key in client.scan_iter(count=500):
            search.look("redis", key.decode("utf-8", "replace"))
            for text in _texts_of(client, key):
                search.look("redis", text)
    except (redis.RedisError, OSError) as error:
        search.gave_up(f"redis: {type(error).__name__}")
    finally:
        client.close()


def look_into_logs(search: Search, paths: Iterable[str]) -> None:
    """Files of log lines; "-" is the standard input."""
    for path in paths:
        name = "log " + ("-" if path == "-" else Path(path).name)
        try:
            for text in windows(_pieces(path)):
                search.look(name, text)
        except OSError as error:
            search.gave_up(f"{name}: {type(error).__name__}")


def look_into_ready_files(search: Search) -> None:
    """Files of open data that were made ahead: what they hold is sent as it is."""
    for path in sorted(settings.OPEN_DATA_ROOT.rglob("*")):
        if path.is_file():
            with suppress(FileNotFoundError):  # taken away meanwhile, as stale files are
                for text in windows(_pieces(str(path))):
                    search.look(f"file {path.suffix or path.name}", text)


def look_into_kept_tables(search: Search) -> None:
    """Rows that outlive every erasure."""
    for name, statement in _STATEMENTS.items():
        with transaction.atomic(), connection.chunked_cursor() as cursor:
            cursor.execute(statement)
            while rows := cursor.fetchmany(500):
                search.rows += len(rows)
                search.look(f"table {name}", "\n".join(text for (text,) in rows))


def _pieces(path: str) -> Iterator[bytes]:
    if path == "-":
        yield from iter(lambda: sys.stdin.buffer.read(_PIECE), b"")
        return
    with Path(path).open("rb") as file:
        yield from iter(lambda: file.read(_PIECE), b"")


def _redis() -> "redis.Redis":
    address = urlsplit(settings.CELERY_BROKER_URL)
    patience = {"socket_timeout": REDIS_SECONDS, "socket_connect_timeout": REDIS_SECONDS}
    if address.scheme == "redis+socket":
        database = int(parse_qs(address.query).get("virtual_host", ["0"])[0])
        return redis.Redis(unix_socket_path=address.path, db=database, socket_timeout=REDIS_SECONDS)
    return redis.Redis.from_url(settings.CELERY_BROKER_URL, **patience)


def _texts_of(client: Any, key: bytes) -> Iterator[str]:
    readers: dict[Any, Callable[[Any], Any]] = {
        b"string": lambda name: [client.get(name)],
        b"list": lambda name: client.lrange(name, 0, -1),
        b"set": client.smembers,
        b"hash": lambda name: [part for pair in client.hgetall(name).items() for part in pair],
        b"zset": lambda name: client.zrange(name, 0, -1),
    }
    read: Callable[[Any], Any] = readers.get(client.type(key), lambda name: [])
    for value in read(key):
        if isinstance(value, bytes):
            yield value.decode("utf-8", "replace")
            yield _body(value)


def _body(message: bytes) -> str:
    """What a Celery message carries; "" for anything else."""
    with suppress(ValueError, KeyError, TypeError, binascii.Error):
        return base64.b64decode(json.loads(message)["body"]).decode()
    return ""
