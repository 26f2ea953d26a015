from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwr_edge.line.charset import BLANK, NAME_LETTERS, Charset, fold
from strategies import charsets


@given(charset=charsets, data=st.data())
def test_decoding_gives_back_what_was_encoded(charset: Charset, data: st.DataObject) -> None:
    text = data.draw(st.text(alphabet=charset.letters))
    assert charset.decode(charset.encode(text)) == text


@given(charset=charsets)
def test_every_class_but_the_blank_is_one_letter(charset: Charset) -> None:
    classes = charset.encode(charset.letters)
    assert classes == list(range(1, charset.classes))
    assert BLANK not in classes


@given(charset=charsets, data=st.data())
def test_blanks_are_skipped_in_decoding(charset: Charset, data: st.DataObject) -> None:
    classes = data.draw(st.lists(st.integers(0, charset.classes - 1)))
    assert charset.encode(charset.decode(classes)) == [k for k in classes if k != BLANK]


def test_a_letter_that_stands_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="'A'"):
        Charset("ABA")


def test_an_empty_charset_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one letter"):
        Charset("")


def test_a_stranger_among_the_letters_is_named() -> None:
    with pytest.raises(ValueError, match="'!'"):
        Charset("AB").encode("A!")


@pytest.mark.parametrize("stranger", [-1, 3])
def test_a_class_outside_the_charset_is_refused(stranger: int) -> None:
    with pytest.raises(ValueError, match=r"outside 0\.\.2"):
        Charset("AB").decode([1, stranger])


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("Zoé d’Œuvre", "ZOE D'OEUVRE"),
        ("  a   b ", "A B"),
        ("Strauß", "STRAUSS"),
        ("Łukasz–Jan", "LUKASZ-JAN"),
        ("", ""),
    ],
)
def test_folding_gives_plain_capitals(text: str, bare: str) -> None:
    assert fold(text) == bare


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_folded_names_are_in_the_name_letters() -> None:
    assert Charset(NAME_LETTERS).unknown(fold("Anne-Zoë O’Brien")) == ""


@given(st.text())
def test_in_a_charset_of_capitals_a_text_is_fitted_by_folding_it(text: str) -> None:
    assert Charset(NAME_LETTERS).fitted(text) == fold(text)


@pytest.mark.parametrize(
    ("letters", "text", "fitted"),
    [
        (" abcdefghijklmnopqrstuvwxyzBWZé", "Zoé Weiß", "Zoé Weiss"),
        (" abcdefghijklmnopqrstuvwxyz", "Zoé  WEISS", "zoe weiss"),
        ("äöüßABCabc", "Cäb\u0061\u0308ß", "Cäbäß"),
        ("αβγ", "ΑΒΓ", "αβγ"),
        ("абв", "Абв", "абв"),
        ("ABC", "abж", "ABЖ"),
        ("\ufb2e", "\ufb2e", "\ufb2e"),  # which NFC takes apart
    ],
)
def test_other_charsets_take_a_text_as_near_as_they_can(
    letters: str, text: str, fitted: str
) -> None:
    assert Charset(letters).fitted(text) == fitted


@given(charset=charsets, data=st.data())
def test_what_a_charset_can_write_stays_as_it_is(charset: Charset, data: st.DataObject) -> None:
    text = " ".join(data.draw(st.text(alphabet=charset.letters)).split())
    assert Charset(charset.letters).fitted(text) == text


def test_a_charset_tells_whether_it_is_folded_and_has_cases() -> None:
    assert Charset(NAME_LETTERS).folded
    assert not Charset(NAME_LETTERS).has_cases
    assert not Charset("ABé").folded
    assert Charset("ABé").has_cases
