"""A small storm for the demo: fallen trees by the river, one after the other, proposed as one.

They go the real way in, so that the workers route them, find likely duplicates among them and
propose the incident.
"""

from datetime import datetime

from accounts.models import Municipality
from reports.actions.submit import submit_report
from reports.draft import Draft, Sender

# Words and place (lon, lat); the last two speak of the same tree.
TREES = (
    ("Nach dem Sturm liegt ein großer Ast quer über dem Radweg.", 9.2121, 49.1391),
    ("Baum umgestürzt, der Fußweg am Ufer ist nicht passierbar.", 9.2127, 49.1399),
    ("Abgebrochene Krone hängt über der Bank.", 9.2133, 49.1405),
    ("Mehrere Äste auf der Fahrbahn, Autos weichen aus.", 9.2118, 49.1412),
    ("Eine Linde ist im Sturm umgefallen und liegt auf dem Zaun.", 9.2140, 49.1418),
    ("Entwurzelter Baum lehnt an der Laterne.", 9.2125, 49.1424),
    ("Großer Ast auf dem Spielplatz, bitte bald wegräumen.", 9.2137, 49.1431),
    ("Der Weg zur Brücke ist durch einen Baum versperrt.", 9.2130, 49.1437),
    ("Umgestürzte Weide liegt halb im Wasser.", 9.21215, 49.14440),
    ("Weide umgestürzt, sie liegt im Fluss und auf dem Weg.", 9.21218, 49.14447),
)


def blow(town: Municipality, *, now: datetime) -> int:
    """Report every fallen tree of the storm; returns how many."""
    for number, (words, lon, lat) in enumerate(TREES):
        submit_report(
            town=town,
            draft=Draft(
                category_code="gruen.baum",
                lon=lon,
                lat=lat,
                place_chosen_by="map",
                source="web",
                description=words,
                answers={"schaden": "ast_liegt", "weg_versperrt": "nein"},
                sender=Sender(email=f"ufer{number % 5}@buerger.example"),
            ),
            now=now,
        )
    return len(TREES)
