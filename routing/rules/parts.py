"""Which part of a street words speak of: "Gehwegplatte" is the pavement. Pure."""

from routing.word_matching import fold

# Name of each part, and the beginnings of words that mean it.
PARTS = {
    "carriageway": "Fahrbahn",
    "pavement": "Gehweg",
    "cycleway": "Radweg",
    "light": "Leuchte",
    "signal": "Ampel",
    "sign": "Schild",
}
_WORDS = {
    "carriageway": ("fahrbahn", "schlagloch", "asphalt", "fahrspur"),
    "pavement": ("gehweg", "burgersteig", "trottoir", "gehsteig", "fussweg"),
    "cycleway": ("radweg", "radfahrstreifen", "fahrradweg"),
    "light": ("leuchte", "laterne", "lampe", "beleuchtung"),
    "signal": ("ampel", "signalanlage"),
    "sign": ("schild", "verkehrszeichen", "wegweiser"),
}


def parts_named_in(words: str) -> frozenset[str]:
    """The parts whose words occur, also inside longer ones ("Straßenlaterne")."""
    text = fold(words)
    return frozenset(
        part for part, beginnings in _WORDS.items() if any(each in text for each in beginnings)
    )
