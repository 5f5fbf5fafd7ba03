"""Words that name a danger are found however they are written, and seldom where there is none."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing import danger_words, not_offered
from routing.word_matching import LINE_LIMIT, finder, fold, haystack, is_usable
from routing.word_topic import TopicKind, WordTopic, refuse_useless_lines
from routing.word_topics import Topics, sentences, shipped, shipped_codes, topics_of
from tests.people import Town

pytestmark = pytest.mark.django_db

SHIPPED = [shipped(kind, code) for kind, code in shipped_codes()]


@pytest.fixture
def topics(heilbronn: Town) -> Topics:
    return topics_of(heilbronn.municipality.pk)


DANGEROUS = {
    "Gasgeruch vor der Schule": "gas",
    "GAS-GERUCH!!!": "gas",
    "Hier ist Gas-\ngeruch": "gas",
    "Erdgasgeruch in der Allee": "gas",
    "es riecht hier stark nach gas": "gas",
    "kein Gasgeruch mehr, war gestern": "gas",
    "Gas tritt aus der Leitung aus, Gas strömt aus": "gas",
    "Der Mülleimer steht in Flammen": "fire",
    "Ein Auto brennt": "fire",
    "Aus dem Keller kommt Rauch, dichter Rauch": "fire",
    "Am Mast hängen offene Kabel heraus": "electricity",
    "Stromkabel liegt frei am Gehweg": "electricity",
    "Trafohaus offen": "electricity",
    "Eine Person liegt reglos auf der Bank": "person",
    "Mann bewusstlos am Neckar": "person",
    "Schlaegerei am Bahnhof": "violence",
    "Fliegerbombe gefunden": "explosive",
    "Gullydeckel fehlt": "road",
    "Straßenlaterne droht umzufallen": "road",
    "Wasserrohrbruch in der Kaiserstraße": "water",
    "Die Feuerwehrzufahrt ist schon wieder zugeparkt": "access",
    "There is a gas leak in our street": "gas",
    "The bin is on fire": "fire",
    "Sokakta gaz kokusu var": "gas",
    "Burada yangın var": "fire",
    "На вулиці запах газу": "gas",
    "Пожежа біля школи": "fire",
    "Сильно пахнет газом": "gas",
    "Утечка газа во дворе": "gas",
    "هناك رائحة الغاز في الشارع": "gas",
    "حريق في المبنى": "fire",
    "Czuć gaz w klatce": "gas",
    "Pożar śmietnika": "fire",
    "C'è odore di gas": "gas",
    "La macchina va a fuoco": "fire",
    "Miros de gaze pe stradă": "gas",
    "Incendiu la școală": "fire",
    "Odeur de gaz dans la rue": "gas",
    "Huele a gas en la calle": "gas",
    "بوی گاز می آید": "gas",
}


@pytest.mark.parametrize(("text", "topic"), DANGEROUS.items())
def test_a_danger_is_found_in_every_language(
    heilbronn: Town, topics: Topics, text: str, topic: str
) -> None:
    for language in ("de", "en", "tr"):
        found = danger_words.find(text, language, heilbronn.municipality, topics=topics)
        assert found.is_danger
        assert topic in found.topics


HARMLESS = """Die Straßenlampe brennt nicht.
Es brennt kein Licht im Tunnel.
Die Laterne Nr. 112 brennt Tag und Nacht.
Gaslaterne in der Altstadt ist verschmiert.
In der Gasse liegt Müll.
Ich bin begeistert vom neuen Spielplatz.
Der Brandenburger Platz ist schmutzig.
A brand new bench is broken.
The gift shop sign fell off.
Beautiful day today, gün ışığı, but the bench is broken.
Die Feuerwehrstraße hat Schlaglöcher.
Bitte den Hydranten lackieren.
Feuermelder am Rathaus beschmiert.
Nach dem Osterfeuer liegt noch Asche auf der Wiese.
Der Strom der Besucher hinterlässt Müll.
Stromkasten mit Graffiti beschmiert.
Die Bank ist kaputt, ein Brett fehlt.
Hundekot auf dem Gehweg, wie immer.
Das Verkehrsschild ist verdreht.
Ampel schaltet zu schnell auf Rot.
Wasser läuft am Brunnen nicht.
Der Papierkorb quillt über.
Schlagloch, etwa 10 cm tief.
Auf dem Radweg wachsen Äste herein.
Bitte mähen Sie das Gras am Ufer.
Glasscherben auf dem Radweg.
Sperrmüll wurde abgelagert, ein Kühlschrank.
Der Aufzug am Bahnhof ist außer Betrieb.
Das Grab meiner Mutter ist eingesunken.
Der Blitzer steht ungünstig.
Die Bombenstimmung beim Fest war toll, aber der Müll blieb liegen.
Bombenwetter, aber das Freibad ist zu.
Die Öffnungszeiten am Schild sind falsch.
Unkraut wächst aus dem Gully.
Das Geländer wackelt.
Die Rutsche hat einen Riss.
Lärm von der Baustelle um 6 Uhr.
Tauben werden gefüttert.
Die Schaukel quietscht.
Bitte einen zweiten Mülleimer aufstellen.
The street light is out.
Pothole in front of number 12.
Overflowing litter bin at the bus stop.
Sokak lambası yanmıyor.
Çöp kutusu dolu.
Не працює ліхтар біля будинку.
Яма на дорозі.
Не горит фонарь.
Переполненная урна.
مصباح الشارع لا يعمل
حفرة في الطريق
Latarnia nie świeci.
Dziura w drodze.
Il lampione non funziona.
Buca sulla strada.
Becul stradal nu funcționează.
Groapă în asfalt.
Le lampadaire est en panne.
La farola no funciona.""".splitlines()


def test_harmless_texts_alarm_nobody(heilbronn: Town, topics: Topics) -> None:
    alarmed = [
        text
        for text in HARMLESS
        if danger_words.find(text, "de", heilbronn.municipality, topics=topics).is_danger
    ]

    assert alarmed == []


def test_a_hint_alone_alarms_nobody(heilbronn: Town, topics: Topics) -> None:
    found = danger_words.find("Sehr gefährlich hier", "de", heilbronn.municipality, topics=topics)

    assert found
    assert not found.is_danger
    assert found.hints[0].numbers[0].dialled == "112"


def test_the_hint_is_repeated_in_the_language_of_the_word(heilbronn: Town) -> None:
    [hint] = danger_words.find("Burada yangın var", "de", heilbronn.municipality).hints

    assert hint.foreign_language == "tr"
    assert "112" in hint.foreign


@given(
    words=st.sampled_from(["Gasgeruch", "Wohnungsbrand", "Kindesmisshandlung", "пожежа", "حريق"]),
    before=st.sampled_from(["", "Hallo! ", "„", "(", "🔥", "\n\t", "--", "1. "]),
    after=st.sampled_from(["", ".", "!!!", "“", ")", "\r\n", " Bitte schnell", "…"]),
    upper=st.booleans(),
)
@settings(deadline=None)
def test_punctuation_and_capitals_make_no_difference(
    words: str, before: str, after: str, upper: bool
) -> None:
    text = before + (words.upper() if upper else words) + after
    found = haystack(text)

    hits = [
        topic.code
        for topic in SHIPPED
        if topic
        and any((p := finder(lines)) and p.search(found) for lines in topic.strong.values())
    ]
    assert hits


@given(st.text(max_size=400))
@settings(deadline=None)
def test_any_text_can_be_folded_and_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert "  " not in haystack(text).strip()


@given(st.text(max_size=60), st.text(max_size=200))
@settings(deadline=None)
def test_whatever_a_clerk_types_as_a_word_is_usable_or_refused(line: str, text: str) -> None:
    pattern = finder([line])
    if is_usable(line):
        assert pattern is not None
    if pattern is not None:
        pattern.search(haystack(text))


def test_a_word_that_would_always_be_found_is_refused() -> None:
    assert not is_usable("*")
    assert not is_usable("a*")
    assert not is_usable("… …")
    assert not is_usable("x" * (LINE_LIMIT + 1))
    with pytest.raises(Exception, match="kein Stichwort"):
        refuse_useless_lines("Gasgeruch\n*")


def test_a_town_adds_words_takes_some_out_and_names_its_own_number(heilbronn: Town) -> None:
    town = heilbronn.municipality
    before = danger_words.find("Gasgeruch", "de", town)
    WordTopic.objects.create(
        municipality=town,
        kind=TopicKind.DANGER,
        code="gas",
        words="Biogasgestank*",
        unused_words="*gasgeruch*",
        contact="Gas-Notdienst",
        phone="07131 56-2588",
    )

    assert danger_words.find("Biogasgestank!", "de", town).is_danger
    assert not danger_words.find("Gasgeruch", "de", town).is_danger
    [hint] = danger_words.find("Biogasgestank", "de", town).hints
    assert [number.dialled for number in hint.numbers] == ["07131562588", "112"]
    assert danger_words.find("Biogasgestank", "de", town).version != before.version


def test_a_topic_can_be_switched_off_and_one_of_its_own_added(heilbronn: Town) -> None:
    town = heilbronn.municipality
    WordTopic.objects.create(
        municipality=town, kind=TopicKind.NOT_OFFERED, code="parking", is_active=False
    )
    WordTopic.objects.create(
        municipality=town,
        kind=TopicKind.NOT_OFFERED,
        code="fundtiere",
        words="Fundhund\nentlaufene Katze",
        text="Fundtiere nimmt das Tierheim an.",
        contact="Tierheim",
        phone="07131 22822",
    )

    assert not_offered.find("Falschparker auf dem Gehweg", "de", town) == ()
    [topic] = not_offered.find("Eine entlaufene Katze sitzt hier", "de", town)
    assert (topic.sentence, topic.contact) == ("Fundtiere nimmt das Tierheim an.", "Tierheim")


def test_parking_is_told_from_a_missing_sign(heilbronn: Town, topics: Topics) -> None:
    town = heilbronn.municipality
    for text in ("Auto parkt im Halteverbot", "Falschparker!", "Der Gehweg ist zugeparkt"):
        assert [topic.topic for topic in not_offered.find(text, "de", town, topics=topics)] == [
            "parking"
        ]
    for text in ("Im Parkhaus ist das Licht defekt", "Parkbank kaputt", "Parkplatz voller Laub"):
        assert not_offered.find(text, "de", town, topics=topics) == ()


def test_every_line_that_is_shipped_can_be_found_at_all() -> None:
    lines = [
        line
        for topic in SHIPPED
        if topic
        for lists in (topic.strong, topic.weak)
        for words in lists.values()
        for line in words
    ]
    assert len(lines) > 800
    assert [line for line in lines if not is_usable(line)] == []
    spoken = {name.removesuffix("_only") for topic in SHIPPED if topic for name in topic.strong}
    assert spoken - set(sentences()) == {"de"}
