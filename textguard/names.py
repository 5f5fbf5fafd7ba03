"""Names of people: behind a title or a phrase, in a signature, or as first name and surname."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from textguard.places import Shield, ends_like_a_place
from textguard.spans import Confidence, Kind, Span
from textguard.words import Word, listed

_MOST = 4  # words of a name
_GAPS = frozenset({" ", ", ", "\u00a0", "  "})
_PARTICLES = frozenset(
    {"von", "van", "de", "der", "den", "vom", "zu", "zur", "zum", "del", "della", "di", "da",
     "el", "al", "ibn", "bin", "ten", "ter", "dos", "le", "la"}
)  # fmt: skip
_DEGREES = frozenset({"dr", "prof", "doktor", "professor", "dipl", "ing", "med", "mag"})
# Behind these always a name, unless it is an office that is addressed.
_TITLES = frozenset(
    {"herr", "herrn", "frau", "hr", "fr", "frl", "fräulein", "fam", "familie", "eheleute",
     "eheleuten", "ehepaar", "dr", "prof", "mr", "mrs", "ms", "mme", "madame", "monsieur",
     "señor", "señora", "signor", "signora", "sayın", "pani", "господин", "госпожа"}
)  # fmt: skip
# Behind these often a name, if the word can be one.
_ROLES = frozenset(
    {"nachbar", "nachbarin", "nachbarn", "hausmeister", "hausmeisterin", "vermieter",
     "vermieterin", "mieter", "mieterin", "eigentümer", "eigentümerin", "besitzer", "besitzerin",
     "halter", "halterin", "bauer", "landwirt", "lehrer", "lehrerin", "pfarrer", "pfarrerin",
     "kollege", "kollegin", "kollegen", "anwohner", "anwohnerin", "bewohner", "bewohnerin",
     "polizist", "busfahrer", "fahrer", "fahrerin", "sachbearbeiter", "sachbearbeiterin",
     "mitarbeiter", "mitarbeiterin", "wirt", "wirtin", "hundehalter", "hundehalterin",
     "verwalter", "stadtrat", "stadträtin", "gemeinderat", "ortsvorsteher", "opa", "oma", "onkel",
     "tante", "bruder", "schwester", "sohn", "tochter", "mann", "freund", "freundin", "neighbor",
     "neighbour", "rentner", "rentnerin", "pächter", "pächterin", "trainer", "trainerin", "zeuge",
     "zeugin"}
)  # fmt: skip
_INTRODUCED = re.compile(
    r"(?:\bmein(?:e)? (?:vor- und nachname|voller name|name|nachname|vorname) (?:ist|lautet"
    r"|:)|\bmein name:|\bich hei(?:ß|ss)e"
    r"|\b(?:er|sie|mann|frau|nachbar|nachbarin|junge|dame|herr|besitzer|täter"
    r"|hund(?:ehalter)?|die|der) hei(?:ß|ss)t|\bnamens"
    r"|\bname(?: des (?:halters|besitzers|nachbarn|melders|täters|fahrers))?:|\bname ist"
    r"|\bansprechpartner(?:in)?(?: ist|:| vor ort:)?"
    r"|\bgez\.|\babsender:|\bgemeldet von:?|\bkontakt(?:daten)?:|\bkontaktperson:?|\bzeuge:"
    r"|\bgeb\.|\bgeborene|\bz\. ?hd\.|\bc/o"
    r"|\bmelder(?:in)?:|\bvorname:|\bnachname:|\beigentümer(?: ist|:)|\bhalter(?: ist|:)"
    r"|\bauf den namen"
    r"|\bmy name is|\bje m'appelle|\bje m’appelle|\bmon nom est|\bmi chiamo|\bme llamo"
    r"|\bmi nombre es|\b(?:benim )?adım"
    r"|\bnazywam się|\bmam na imię|\bменя зовут|\bmeu nome é|\bmă numesc|\bzovem se)[ :]{0,3}",
    re.IGNORECASE,
)
_I_AM = re.compile(
    r"\b(?:ich bin|hier ist|hier schreibt|es grüßt|es grüsst|i am|i'm)(?: (?:der|die|herr|frau))? ",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?:\bmfg|\bm\.f\.g\.|\bmit (?:den )?(?:freundlichen?|freundlichem|besten|lieben"
    r"|herzlichen|sonnigen) gr(?:ü|ue)(?:ß|ss)(?:en?)?"
    r"|\b(?:viele|beste|liebe|herzliche|freundliche|schöne|sonnige|vielen) gr(?:ü|ue)(?:ß"
    r"|ss)e(?: aus \w{1,30})?|\bgr(?:u|ü|ue)(?:ß|ss)e?n?|\blg|\bvg|\bbg|\bhochachtungsvoll"
    r"|\b(?:vielen|herzlichen|besten|lieben) dank(?: im voraus| und (?:viele )?grüße)?"
    r"|\bdanke(?: im voraus| schön)?|(?<=\n)ihre?|\bi\. ?a\.|\bkind regards|\bbest regards"
    r"|\bregards|\bcordialement|\bcordiali saluti|\bsaludos|\bsaygılarımla|\bthanks)"
    r"[ ,.!;:–-]{0,4}\s{0,4}(?:(?:ihre?|eure?|dein[e]?) )?",
    re.IGNORECASE,
)
_INITIAL = re.compile(r"(?<![\w.])[A-ZÄÖÜ]\.(?:[- ]?[A-ZÄÖÜ]\.)? ?\Z")
_LINE_ENDS = re.compile(r"[ \t.,!)(:;–-]{0,6}(?:\Z|\n|\r|tel|mobil|handy|\+?\d|\[)", re.IGNORECASE)
_BUSINESS = frozenset(
    {"firma", "fa", "bäckerei", "metzgerei", "autohaus", "gasthaus", "gasthof", "apotheke",
     "café", "cafe", "restaurant", "friseur", "salon", "drogerie", "markt", "kanzlei",
     "fahrschule", "spedition", "gärtnerei", "weingut", "brauerei", "schreinerei", "optik",
     "juwelier", "hotel", "supermarkt", "modehaus", "möbelhaus", "drogeriemarkt",
     "bauunternehmen", "baufirma", "konditorei", "buchhandlung"}
)  # fmt: skip
# Surnames that are usual words where nobody writes capitals.
_SMALL_WORDS = frozenset(
    {"will", "lang", "kurz", "gut", "groß", "gross", "neu", "schnell", "scharf", "klein", "jung",
     "weiß", "link", "see", "le", "stark", "sauer", "süß", "anders", "can", "denk", "unger",
     "los", "weiss", "links", "im", "am", "thor", "fink", "urban", "roth", "born", "ernst",
     "stock", "john", "wohl"}
)  # fmt: skip
# The dead and the famous, whose names stand on signs; first name and surname.
_FAMOUS = frozenset(
    {"mercedes benz", "max planck", "karl marx", "rosa luxemburg", "robert bosch",
     "albert schweitzer", "theodor heuss", "carl benz", "gottlieb daimler", "astrid lindgren",
     "martin luther", "anne frank", "sophie scholl", "friedrich schiller", "wilhelm busch",
     "peter pan", "robert mayer", "konrad adenauer", "willy brandt", "friedrich ebert",
     "otto bismarck", "johann goethe", "robin hood", "alexander humboldt", "maria hilf",
     "peter hahn", "karl lagerfeld", "dietrich bonhoeffer", "clara zetkin", "ernst thälmann",
     "immanuel kant", "heinrich heine", "theodor fontane", "albert einstein", "käthe kollwitz"}
)  # fmt: skip
_NOUN_ENDINGS = (
    "ung", "ungen", "heit", "keit", "schaft", "tion", "tionen", "tät", "anlage", "schild",
    "schilder", "lampe", "laterne", "leuchte", "stelle", "fläche", "kasten", "kästen", "eimer",
    "container", "wagen", "fahrzeug", "fahrzeuge", "platte", "platten", "gitter", "deckel", "zeug",
    "werk", "verkehr", "zeit", "raum", "arbeiten", "ausfahrt", "einfahrt", "zaun", "mauer",
    "hecke", "baum", "bäume", "loch", "löcher", "bahn", "amt", "rat", "bank", "müll", "kasse",
    "treppe", "zimmer", "nummer", "markt", "hunde", "leute", "linge", "nis", "ment", "ismus",
    "enden", "ende", "stück", "tonne", "tonnen", "wasser", "säule",
)  # fmt: skip
_FOREIGN_SURNAMES = (
    "oglu", "oğlu", "owski", "ewski", "owska", "ewska", "ović", "ovic", "escu", "enko", "idis",
    "poulos", "opoulou", "akis", "shvili", "ssen", "mann", "meier", "meyer", "maier", "huber",
    "bauer", "mayer", "hofer",
)  # fmt: skip


@dataclass(frozen=True)
class _Line:
    """What the rules look at."""

    text: str
    words: Sequence[Word]
    shielded: Shield

    def gap(self, at: int) -> str:
        """What stands between a word and the next."""
        return (
            self.text[self.words[at].end : self.words[at + 1].start]
            if at + 1 < len(self.words)
            else "\n"
        )

    def index_at(self, position: int) -> int | None:
        """The word that begins at a position."""
        at = bisect_left(self.words, position, key=lambda word: word.start)
        return at if at < len(self.words) and self.words[at].start == position else None

    def span(self, first: int, last: int, rule: str, confidence: Confidence) -> Span:
        """From one word to another; the -s of a genitive stays inside."""
        return Span(self.words[first].start, self.words[last].end, Kind.NAME, confidence, rule)


def find_names(text: str, words: Sequence[Word], shielded: Shield) -> list[Span]:
    """Names, the surest rules first; the same name is found again where nothing announces it."""
    line = _Line(text, words, shielded)
    found = [*_titled(line), *_introduced(line), *_signed(line), *_paired(line), *_initialled(line)]
    return [*found, *_again(line, found)]


def is_first_name(word: Word, *, sure: bool = True) -> bool:
    """`Petra`, `Hans-Peter`; `sure` leaves out what is a word of German as well."""
    above, below = listed("first_names")
    return all(part in above or (not sure and part in below) for part in word.parts)


def is_surname(word: Word, *, sure: bool = False) -> bool:
    """`Müller`, `Müller-Weiß`, `Kowalczyk` by its ending; `sure` leaves out words of German."""
    above, below = listed("surnames")
    for part in word.parts:
        bare = part[:-1] if part.endswith("s") and part not in above else part
        if {part, bare} & above or (not sure and {part, bare} & below):
            return True
    return word.folded.endswith(_FOREIGN_SURNAMES[:15])


def _could_be(word: Word) -> bool:
    """Whether a word can be a name at all."""
    if not word.is_capital or len(word.text) < 2 or ends_like_a_place(word):
        return False
    if len(word.text) < 4 and word.text.isupper():
        return False  # an abbreviation, a number of a king
    return word.folded not in _common() and word.parts[-1] not in _common()


def _common() -> frozenset[str]:
    return listed("common_words")[0]


def _read(line: _Line, first: int) -> int:
    """The last word of a name that begins here: first names, particles, one surname."""
    last = at = first
    open_for_more = is_first_name(line.words[first], sure=False)
    while at + 1 < len(line.words) and at - first < _MOST and line.gap(at) in {" ", "\u00a0", "  "}:
        at += 1
        word = line.words[at]
        if word.folded in _PARTICLES:
            continue
        if at in line.shielded.sure or not _could_be(word):
            break
        follows_particle = line.words[at - 1].folded in _PARTICLES
        if not (open_for_more or is_surname(word, sure=True) or follows_particle):
            break
        open_for_more = open_for_more and is_first_name(word) and not is_surname(word, sure=True)
        last = at
    return last


def _titled(line: _Line) -> Iterator[Span]:
    for at, word in enumerate(line.words[:-1]):
        strong = word.folded in _TITLES
        if not strong and word.folded not in _ROLES:
            continue
        if word.folded == "fr" and _is_friday(line, at):
            continue
        first = _behind_title(line, at)
        if first is None or first in line.shielded.sure:
            continue
        begins = first
        while line.words[first].folded in _PARTICLES and first - begins < 2:
            if first + 1 == len(line.words) or line.gap(first) != " ":
                break
            first += 1
        yield from _behind(line, begins, first, strong=strong)


def _behind(line: _Line, begins: int, first: int, *, strong: bool) -> Iterator[Span]:
    """A name behind a title; `begins` is its first particle, `first` its first word."""
    word = line.words[first]
    known = is_first_name(word, sure=False) or is_surname(word)
    if not word.is_capital and strong and _is_small_surname(word):
        yield line.span(begins, first, "title", Confidence.HIGH)
        return
    if not _could_be(word) and not (strong and is_surname(word) and word.is_capital):
        return
    last = _read(line, first)
    if strong:
        yield line.span(begins, last, "title", Confidence.HIGH)
    elif known and begins == first:
        yield line.span(begins, last, "role", Confidence.HIGH)
    elif begins == first and _is_rare(line, first):
        yield line.span(begins, last, "role", Confidence.LOW)


def _is_rare(line: _Line, at: int) -> bool:
    """A word no list knows, and that does not look like a thing."""
    return at not in line.shielded.maybe and not line.words[at].folded.endswith(_NOUN_ENDINGS)


def _is_small_surname(word: Word) -> bool:
    """A surname in a text without capitals: `herr müller`; not `die frau will`."""
    return is_surname(word) and word.folded not in _SMALL_WORDS


def _behind_title(line: _Line, at: int) -> int | None:
    """The word behind a title and its degrees: `Herr Prof. Dr. Müller`."""
    for further in range(at + 1, min(at + 5, len(line.words))):
        gap = line.gap(further - 1)
        before = line.words[further - 1].folded
        abbreviated = before in _DEGREES or before in {"hr", "fr", "frl", "fam", "mr", "mrs", "ms"}
        if gap not in {" ", "\u00a0", "  "} and not (abbreviated and gap in {". ", "."}):
            return None
        word = line.words[further]
        if word.folded in _DEGREES or word.folded in {"herr", "herrn", "frau", "familie"}:
            continue
        return further
    return None


def _is_friday(line: _Line, at: int) -> bool:
    before = line.text[max(0, line.words[at].start - 8) : line.words[at].start].casefold()
    return any(sign in before for sign in ("-", "–", "bis", "mo", "do", "am", "/", ","))


def _introduced(line: _Line) -> Iterator[Span]:
    for found in _INTRODUCED.finditer(line.text):
        first = line.index_at(found.end())
        if first is not None:
            yield from _announced(line, first, "introduced")
    for found in _I_AM.finditer(line.text):
        first = line.index_at(found.end())
        if first is not None and _is_known(line.words[first]) and first not in line.shielded.sure:
            yield from _announced(line, first, "introduced")


def _is_known(word: Word) -> bool:
    return is_first_name(word) or is_surname(word, sure=True)


def _announced(line: _Line, first: int, rule: str) -> Iterator[Span]:
    """A name in capitals or not, with or without a title, behind a phrase that announces it."""
    while first + 1 < len(line.words) and line.words[first].folded in _TITLES | _DEGREES:
        first += 1
    word = line.words[first]
    if first in line.shielded.sure:
        return
    if _could_be(word) or (word.is_capital and is_surname(word)):
        last = _read(line, first)
        while last - first < 2 and _follows_freely(line, first, last):
            last += 1
        yield line.span(first, last, rule, Confidence.HIGH)
    elif _is_known(word):
        more = first + 1 < len(line.words) and line.gap(first) == " "
        last = first + 1 if more and _is_known(line.words[first + 1]) else first
        yield line.span(first, last, rule, Confidence.HIGH)


def _follows_freely(line: _Line, first: int, at: int) -> bool:
    """Behind an unknown first name an unknown surname: `ich heiße Ngozi Adeyemi`."""
    if at + 1 >= len(line.words) or line.gap(at) != " ":
        return False
    if at > first and is_surname(line.words[at], sure=True):
        return False
    return _could_be(line.words[at + 1]) and at + 1 not in line.shielded.sure


def _signed(line: _Line) -> Iterator[Span]:
    for found in _CLOSING.finditer(line.text):
        begins = found.end()
        while _INITIAL.match(line.text[begins : begins + 3].rstrip() or " "):
            begins += 3 if line.text[begins + 2 : begins + 3] == " " else 2
        first = line.index_at(begins)
        if first is not None:
            yield from _signature(line, found.end(), first)


def _signature(line: _Line, start: int, first: int) -> Iterator[Span]:
    last = first
    while last - first < 2 and line.gap(last) in {" ", "\u00a0"} and last + 1 < len(line.words):
        last += 1
    for end in range(last, first - 1, -1):
        name = line.words[first : end + 1]
        if not _LINE_ENDS.match(line.text, name[-1].end):
            continue
        confidence = _signature_confidence(line, first, end, name)
        if confidence:
            yield Span(start, name[-1].end, Kind.NAME, confidence, "signature")
        return


def _signature_confidence(
    line: _Line, first: int, last: int, name: Sequence[Word]
) -> Confidence | None:
    known = [_is_known(word) or (word.is_capital and is_surname(word)) for word in name]
    if any(at in line.shielded.sure for at in range(first, last + 1)):
        return None
    if all(word.folded in _TITLES | _DEGREES for word in name):
        return None
    if all(known):
        return Confidence.HIGH
    if not all(
        _could_be(word) or word.folded in _PARTICLES or word.folded in _TITLES for word in name
    ):
        return None
    if any(known) or (
        len(name) > 1 and not any(at in line.shielded.maybe for at in range(first, last + 1))
    ):
        return Confidence.HIGH
    return None if first in line.shielded.maybe else Confidence.LOW


def _paired(line: _Line) -> Iterator[Span]:
    """First name and surname beside each other, in either order."""
    for at in range(len(line.words) - 1):
        one, two = line.words[at], line.words[at + 1]
        if {at, at + 1} & line.shielded.sure or f"{one.folded} {two.folded}" in _FAMOUS:
            continue
        if at and line.words[at - 1].folded in _BUSINESS:
            continue
        if is_first_name(one, sure=False):
            yield from _first_then_surname(line, at)
        elif line.gap(at) in {", ", " "} and _is_turned_round(line, one, two):
            yield line.span(at, at + 1, "surname_first", Confidence.HIGH)


def _is_turned_round(line: _Line, one: Word, two: Word) -> bool:
    """`Schulz, Petra` at the end of a line."""
    if not (is_surname(one) and _could_be(one) and is_first_name(two) and two.is_capital):
        return False
    return _LINE_ENDS.match(line.text, two.end) is not None


def _first_then_surname(line: _Line, at: int) -> Iterator[Span]:
    one = line.words[at]
    last = _read(line, at)
    if last == at:
        two = line.words[at + 1]
        both_small = not one.is_capital and not two.is_capital and line.gap(at) == " "
        if both_small and is_first_name(one) and len(one.text) > 3 and is_surname(two, sure=True):
            yield line.span(at, at + 1, "pair", Confidence.HIGH)
        return
    if not one.is_capital:
        return
    if is_surname(line.words[last]) or (last - at > 1 and is_first_name(one)):
        yield line.span(at, last, "pair", Confidence.HIGH)
    elif is_first_name(one) and _is_rare(line, last) and at not in line.shielded.maybe:
        yield line.span(at, last, "pair_unknown", Confidence.LOW)


def _initialled(line: _Line) -> Iterator[Span]:
    """`M. Müller`, `K.-H. Schmidt`."""
    for at, word in enumerate(line.words):
        if at in line.shielded.sure or not (word.is_capital and is_surname(word, sure=True)):
            continue
        before = line.text[max(0, word.start - 7) : word.start]
        initial = _INITIAL.search(before)
        if initial and not before.rstrip().endswith(("z.", "Z.")):
            start = word.start - len(initial.group())
            yield Span(start, word.end, Kind.NAME, Confidence.HIGH, "initial")


def _again(line: _Line, found: Sequence[Span]) -> Iterator[Span]:
    """Words of the names once more, alone: `Herr Becker … Becker meinte`."""
    sure = [span for span in found if span.is_sure]
    inside = {
        word.folded for span in sure for word in _words_in(line, span) if _can_stand_alone(word)
    }
    if not inside:
        return
    for at, word in enumerate(line.words):
        named = word.folded in inside or word.folded.removesuffix("s") in inside
        if named and word.is_capital and at not in line.shielded.sure:
            yield line.span(at, at, "again", Confidence.HIGH)


def _words_in(line: _Line, span: Span) -> Sequence[Word]:
    first = bisect_left(line.words, span.start, key=lambda word: word.start)
    last = bisect_left(line.words, span.end, key=lambda word: word.start)
    return line.words[first:last]


def _can_stand_alone(word: Word) -> bool:
    everyday = word.folded in _common() or word.folded in _PARTICLES | _TITLES | _ROLES
    ambiguous = word.folded in listed("surnames")[1] or word.folded in listed("first_names")[1]
    return len(word.text) > 3 and not everyday and not ambiguous
