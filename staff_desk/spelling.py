"""Spelling aloud: the German alphabet of names of towns (DIN 5009:2022-06, annex B)."""

_NAMES = {
    "A": "Aachen",
    "Ä": "Umlaut Aachen",
    "B": "Berlin",
    "C": "Chemnitz",
    "D": "Düsseldorf",
    "E": "Essen",
    "F": "Frankfurt",
    "G": "Goslar",
    "H": "Hamburg",
    "I": "Ingelheim",
    "J": "Jena",
    "K": "Köln",
    "L": "Leipzig",
    "M": "München",
    "N": "Nürnberg",
    "O": "Offenbach",
    "Ö": "Umlaut Offenbach",
    "P": "Potsdam",
    "Q": "Quickborn",
    "R": "Rostock",
    "S": "Salzwedel",
    "T": "Tübingen",
    "U": "Unna",
    "Ü": "Umlaut Unna",
    "V": "Völklingen",
    "W": "Wuppertal",
    "X": "Xanten",
    "Y": "Ypsilon",
    "Z": "Zwickau",
}


def spelled(word: str) -> list[str]:
    """Each letter as the name to say for it; digits as they are."""
    return [_NAMES.get(letter, letter) for letter in word.upper()]
