"""The difference between original and public text: it loses no word and escapes every one."""

from hypothesis import given, settings
from hypothesis import strategies as st

from staff_desk.word_diff import MOST_WORDS, changes, word_diff

words = st.lists(st.sampled_from(["Herr", "Meier", "[Name]", "im", "\n", "<b>", "&"]), max_size=12)
texts = words.map(" ".join)


@settings(max_examples=150)
@given(before=texts, after=texts)
def test_the_pieces_are_both_texts(before: str, after: str) -> None:
    pieces = changes(before, after)

    assert "".join(text for kind, text in pieces if kind != "new") == before
    assert "".join(text for kind, text in pieces if kind != "gone") == after
    assert "<b>" not in word_diff(before, after)


def test_what_is_gone_and_what_is_new_is_said_in_words() -> None:
    drawn = word_diff("Herr Meier parkt", "[Name] parkt")

    assert "(entfernt: </span>Herr Meier<" in drawn
    assert "(eingefügt: </span>[Name]<" in drawn
    assert word_diff("gleich", "gleich") == ""


def test_a_text_of_any_length_is_compared_at_once() -> None:
    before = "wort " * MOST_WORDS
    assert changes(before, before + "x") == [("gone", before), ("new", before + "x")]
