"""What the text guard finds, misses and imagines in German reports, and what a text costs it.

Run: python -m bench.textguard [--show] [--texts FILE [--column text] --places FILE]

The texts are made from bench/textguard_data: sentences of ours, filled with made-up values, so that
every span is known. A planted span counts as found if every letter of it is covered; a harmless
text with any span is a false alarm. `--texts` counts the texts of a CSV file with spans instead,
for looking at false alarms on texts that must stay outside the repository.
"""

import argparse
import csv
import gzip
import re
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import django

django.setup()

from textguard.guard import find  # noqa: E402 - needs the settings
from textguard.places import NO_PLACES, PlaceNames  # noqa: E402
from textguard.spans import Kind, Span, mask  # noqa: E402

DATA = Path(__file__).parent / "textguard_data"
TURNS = 6  # how often a sentence is filled, each time with the next values
_SLOT = re.compile(r"\{(\w+)\}")
_NAMES = {"name", "common_name", "common_reverse", "lower_name", "lower_surname", "common_first",
          "surname", "common_surname", "surname_family", "initial_name"}  # fmt: skip
_KINDS: dict[str, Kind] = dict.fromkeys(_NAMES, Kind.NAME) | {
    "phone": Kind.PHONE, "mobile": Kind.PHONE, "intl_phone": Kind.PHONE, "email": Kind.EMAIL,
    "odd_email": Kind.EMAIL, "iban": Kind.IBAN, "plate": Kind.PLATE, "lower_plate": Kind.PLATE,
    "joined_plate": Kind.PLATE, "electric_plate": Kind.PLATE, "historic_plate": Kind.PLATE,
    "foreign_plate": Kind.PLATE, "birth": Kind.BIRTH_DATE, "handle": Kind.HANDLE,
    "profile": Kind.HANDLE, "insta": Kind.HANDLE, "house": Kind.HOUSE_NUMBER,
}  # fmt: skip
# A title in front of a name tells nobody's name.
_TITLE = re.compile(r"(?:Familie|Herrn|Frau|Eheleuten|Dr\.) ")


class Planted(NamedTuple):
    """A text and what was put into it: where, and of which kind."""

    text: str
    spans: tuple[tuple[int, int, Kind], ...]

    @property
    def is_sensitive(self) -> bool:
        """Whether house numbers count in it."""
        return any(kind == Kind.HOUSE_NUMBER for _start, _end, kind in self.spans)


def planted() -> list[Planted]:
    """The texts with personal data."""
    return _filled("planted.txt")


def harmless() -> list[str]:
    """The texts without; each once."""
    return list(dict.fromkeys(made.text for made in _filled("harmless.txt")))


def missed(made: Planted, found: Sequence[Span]) -> list[tuple[str, Kind]]:
    """What was planted and is not wholly covered."""
    covered = {at for span in found for at in range(span.start, span.end)}
    return [
        (made.text[start:end], kind)
        for start, end, kind in made.spans
        if not all(at in covered for at in range(start, end) if made.text[at].isalnum())
    ]


def main() -> None:
    """Print recall by kind, false alarms by text, and milliseconds by text."""
    options = _options()
    if options.texts:
        _look_at(options, _places(options.places))
        return
    # The streets of the sentences are in the gazetteer, as in a town; squares and schools are not.
    places = PlaceNames(_values()["street"])
    wanted, lost = Counter[str](), Counter[str]()
    made_texts, seconds = planted(), []
    for made in made_texts:
        started = time.perf_counter()
        found = find(made.text, sensitive=made.is_sensitive, places=places)
        seconds.append(time.perf_counter() - started)
        wanted.update(kind.value for _start, _end, kind in made.spans)
        for words, kind in missed(made, found):
            lost[kind.value] += 1
            if options.show:
                print(f"missed {kind.value}: {words!r} in {made.text!r}")
    alarms, rules = 0, Counter[str]()
    plain = harmless()
    for text in plain:
        started = time.perf_counter()
        found = find(text, places=places)
        seconds.append(time.perf_counter() - started)
        alarms += bool(found)
        rules.update(span.rule for span in found)
        if found and options.show:
            print(f"false alarm: {mask(text, found)!r} for {text!r}")
    _print(wanted, lost, len(made_texts))
    share = alarms / len(plain)
    print(f"false alarms: {alarms} of {len(plain)} harmless texts ({share:.1%}) {dict(rules)}")
    print(
        f"a text: {statistics.median(seconds) * 1000:.2f} ms median, "
        f"{statistics.quantiles(seconds, n=100)[98] * 1000:.2f} ms p99"
    )


def _print(wanted: Counter[str], lost: Counter[str], texts: int) -> None:
    for kind, count in sorted(wanted.items()):
        print(f"{kind:13} {count - lost[kind]:4} of {count:4}  {1 - lost[kind] / count:7.1%}")
    total, gone = wanted.total(), lost.total()
    print(f"{'all':13} {total - gone:4} of {total:4}  {1 - gone / total:7.1%}   in {texts} texts")


def _look_at(options: argparse.Namespace, places: PlaceNames) -> None:
    opened = gzip.open if options.texts.suffix == ".gz" else open
    with opened(options.texts, "rt", encoding="utf-8", newline="") as file:
        texts = [row[options.column] for row in csv.DictReader(file)]
    rules, alarms = defaultdict[str, list[str]](list), 0
    for text in texts:
        found = find(text, places=places)
        alarms += bool(found)
        for span in found:
            near = text[max(0, span.start - 30) : span.end + 20].replace("\n", " ")
            rules[f"{span.rule} {span.confidence}"].append(
                f"{text[span.start : span.end]!r} … {near}"
            )
    print(f"{alarms} of {len(texts)} texts with spans ({alarms / len(texts):.1%})")
    for rule, hits in sorted(rules.items(), key=lambda each: -len(each[1])):
        print(f"{len(hits):5} {rule}")
        for hit in hits if options.show else []:
            print(f"        {hit}")


def _places(file: Path | None) -> PlaceNames:
    return PlaceNames(file.read_text(encoding="utf-8").splitlines()) if file else NO_PLACES


def _filled(name: str) -> list[Planted]:
    values, used = _values(), Counter[str]()
    made = [
        _fill(sentence, values, used) for _turn in range(TURNS) for sentence in _lines(DATA / name)
    ]
    return list(dict.fromkeys(made))


def _fill(sentence: str, values: dict[str, list[str]], used: Counter[str]) -> Planted:
    """One sentence with the next value in every slot."""
    text, at = "", 0
    spans: list[tuple[int, int, Kind]] = []
    for slot in _SLOT.finditer(sentence):
        text += sentence[at : slot.start()].replace("\\n", "\n")
        at = slot.end()
        name = slot.group(1)
        value = values[name][used[name] % len(values[name])]
        used[name] += 1
        if name in _KINDS:
            title = _TITLE.match(value)
            spans.append(
                (len(text) + (title.end() if title else 0), len(text) + len(value), _KINDS[name])
            )
        text += value
    return Planted(text + sentence[at:].replace("\\n", "\n"), tuple(spans))


def _values() -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for line in _lines(DATA / "values.txt"):
        if line.startswith("["):
            values[line.strip("[]")] = current = []
        else:
            current.append(line)
    return values


def _lines(file: Path) -> Iterator[str]:
    for line in file.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=sys.modules[__name__].__doc__)
    parser.add_argument("--show", action="store_true", help="print each miss and false alarm")
    parser.add_argument("--texts", type=Path)
    parser.add_argument("--column", default="text")
    parser.add_argument("--places", type=Path, help="one name per line")
    return parser.parse_args()


if __name__ == "__main__":
    main()
