"""Fetches everything a stranger can reach from some addresses on, and searches each byte of it."""

import html
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from leakcheck.exits import Limits
from leakcheck.metadata import foreign_parts
from leakcheck.search import Search
from leakcheck.texts import windows
from leakcheck.visit import Answer, Visitor, fetched

STAFF_ONLY = ("/desk/", "/admin/")
# Data, which reads the same in every language.
DATA = ("/api/", "/opendata/", "/open311/", "/static/")
_LINKS = re.compile(r"""(?:href|src|data-[a-z-]*(?:url|href))="([^"]+)"|"(https?://[^"\s]+)\"""")
_PICTURES = ("image/jpeg", "image/webp")
_PICTURE_BYTES = 8 * 1024 * 1024
Told = Callable[[str, int], None]


@dataclass
class Crawl:
    """One stranger's way through a town; `seen` maps addresses to the status they answered.

    `without` names beginnings of paths that are left out.
    """

    search: Search
    visitor: Visitor
    limits: Limits
    without: tuple[str, ...] = STAFF_ONLY
    seen: dict[str, int] = field(default_factory=dict)
    _variants: Counter[str] = field(default_factory=Counter)

    def run(self, beginnings: Iterable[str]) -> None:
        """Fetch and follow until nothing new is found or the limit is reached."""
        waiting = list(beginnings)[::-1]
        while waiting and len(self.seen) < self.limits.addresses:
            address = waiting.pop()
            if self._is_wanted(address):
                waiting += self._visit(address)
        if waiting and len(self.seen) >= self.limits.addresses:
            self.search.gave_up(f"{self.visitor.host}: > {self.limits.addresses}")

    def _is_wanted(self, address: str) -> bool:
        if address in self.seen or address.startswith(self.without):
            return False
        path = address.partition("?")[0]
        self._variants[path] += 1
        return self._variants[path] <= self.limits.variants

    def _visit(self, address: str) -> list[str]:
        self.search.exits += 1
        with fetched(self.visitor, address) as answer:
            self.seen[address] = answer.status
            if answer.status >= 500:
                self.search.gave_up(f"{address} {answer.status}")
            self.search.look(address, answer.head)
            links = [answer.location] if answer.location else []
            if _type_of(answer).startswith(_PICTURES):
                self._look_at_picture(address, answer)
                return []
            for text in windows(answer.chunks):
                self.search.look(address, text)
                links += [first or second for first, second in _LINKS.findall(text)]
        return list(self._own(address, links))

    def _look_at_picture(self, address: str, answer: Answer) -> None:
        data = bytearray()
        for chunk in answer.chunks:
            data += chunk[: _PICTURE_BYTES - len(data)]
        self.search.look(address, data.decode("utf-8", "ignore"))
        for part in foreign_parts(bytes(data)):
            self.search.note(address, "", f"metadata {part}")

    def _own(self, address: str, links: Iterable[str]) -> Iterator[str]:
        """Links to this host, without what a form or a map would fill in."""
        for link in links:
            whole = urlsplit(urljoin(f"http://{self.visitor.host}{address}", html.unescape(link)))
            here = whole.netloc == self.visitor.host and whole.scheme in {"http", "https"}
            if here and "{" not in whole.path:
                yield f"{whole.path}?{whole.query}" if whole.query else whole.path


def _type_of(answer: Answer) -> str:
    return next((value for name, value in answer.headers if name.lower() == "content-type"), "")
