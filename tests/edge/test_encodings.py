"""Which encoding a list of names is in."""

from __future__ import annotations

from hwr_edge.encodings import guessed

WORDS = {"Lefèvre", "Anaïs", "María", "Daoùlas"}


def _likely(word: str) -> float | None:
    return -10.0 if word in WORDS else -30.0


def test_where_letters_do_not_tell_the_words_do() -> None:
    """In Czech's encoding the same bytes are letters of Czech throughout; in French's one is not French."""
    raw = "Lefèvre\nAnaïs\nMaría\nDaoùlas\n".encode("cp1252")
    assert guessed(raw)[0] == raw.decode("cp1250")
    assert guessed(raw, _likely)[0] == raw.decode("cp1252")


def test_where_the_words_do_not_tell_letters_do() -> None:
    raw = "Wiśniewski\nŁukasz\nŻak\nJóźwiak\n".encode("cp1250")
    assert guessed(raw, lambda _: -1.0)[0] == guessed(raw)[0] == raw.decode("cp1250")


def test_names_in_another_alphabet_need_no_judge() -> None:
    raw = "Иванов\nОльга\n".encode("cp1251")
    assert guessed(raw, lambda _: None)[0] == "Иванов\nОльга\n"


def test_what_nothing_fits_is_read_as_windows_text() -> None:
    text, encoding = guessed(b"Zo\xe9")
    assert (text, encoding.partition(",")[0]) == ("Zoé", "cp1252")
