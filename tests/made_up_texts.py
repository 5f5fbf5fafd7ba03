"""Made-up texts of four kinds of report, for whatever learns from texts."""

import random
from datetime import UTC, datetime, timedelta

from suggestion.context import Seen
from suggestion.judging import Case

START = datetime(2026, 1, 1, 8, tzinfo=UTC)
PHRASES = {
    "licht": (
        "Die Straßenlaterne {where} brennt nicht",
        "Lampe {where} ist aus",
        "Laterne {where} flackert",
    ),
    "loch": (
        "Tiefes Schlagloch {where}",
        "Der Asphalt {where} ist aufgebrochen",
        "Loch in der Fahrbahn {where}",
    ),
    "muell": (
        "Sperrmüll liegt {where}",
        "Müllsäcke {where} abgelegt",
        "Alte Reifen {where} entsorgt",
    ),
    "hecke": (
        "Die Hecke {where} ragt in den Gehweg",
        "Sträucher {where} zurückschneiden",
        "Gebüsch {where} verdeckt die Sicht",
    ),
}
WHERE = (
    "am Marktplatz",
    "vor der Schule",
    "in der Gartenstraße",
    "beim Bahnhof",
    "neben dem Spielplatz",
)
ENDS = ("", " seit Wochen", ", bitte nachsehen", ". Danke!", " und es ist gefährlich")


def made_up_cases(count: int = 320) -> list[Case]:
    """Cases of four kinds in two groups, an hour apart."""
    chance = random.Random(7)
    cases = []
    for number in range(count):
        code = chance.choice(sorted(PHRASES))
        phrase = chance.choice(PHRASES[code]).format(where=chance.choice(WHERE))
        seen = Seen(
            text=phrase + chance.choice(ENDS),
            at=START + timedelta(hours=number),
            lon=9.2 + chance.random() / 50,
            lat=49.1 + chance.random() / 50,
        )
        group = "strasse" if code in {"licht", "loch"} else "gruen"
        cases.append(Case(seen, code, group, source=number))
    return cases
