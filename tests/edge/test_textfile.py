"""Text files of people: which encoding they are in."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwr_edge.errors import DataError
from hwr_edge.limits import TOML_BYTES
from hwr_edge.textfile import composed, decoded, read_toml

LISTS = {
    "Nom;Prénom\nDUBOIS;Zoé\nLE GUEN;Éloïse\n": ("cp1252", "mac_roman", "cp850", "iso8859_15"),
    "ZOÉ\nFRANÇOISE\nHÉLÈNE\n": ("cp1252", "mac_roman", "cp850"),
    "Nachname;Vorname\nMüller;Jörg\nWeiß;Änne\n": ("cp1252", "mac_roman", "cp850"),
    "Muñoz;Íñigo\nPérez;José\n": ("cp1252", "mac_roman", "cp850"),
    "Wiśniewski;Łukasz\nŻak;Józef\n": ("cp1250", "iso8859_2", "cp852"),
    "Dvořák;Jiří\nNováková;Šárka\n": ("cp1250", "iso8859_2"),
    "Yıldız;Ayşe\nŞahin;Oğuz\n": ("cp1254",),
    "Иванов;Иван\nСмирнова;Ольга\n": ("cp1251", "koi8_r", "cp866"),
}


@pytest.mark.parametrize(
    ("text", "encoding"), [(text, one) for text, all_ in LISTS.items() for one in all_]
)
def test_an_encoding_is_guessed_by_the_letters_of_names_and_told(text: str, encoding: str) -> None:
    found = decoded(text.encode(encoding), Path("list.csv"))
    assert found.text == text
    assert found.guess is not None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@given(text=st.text("abcÉéłЖ;,\n", min_size=2).filter(lambda text: text[0] in "abc"))
def test_unicode_shows_what_it_is(text: str, encoding: str) -> None:
    found = decoded(text.encode(encoding), Path("list.csv"))
    assert (found.text, found.guess) == (text, None)


def test_utf_8_that_was_taken_for_windows_text_and_saved_so_is_mended() -> None:
    twice = "Prénom\nZoé\n".encode().decode("cp1252").encode()
    assert decoded(twice, Path("list.csv")).text == "Prénom\nZoé\n"


@pytest.mark.parametrize("raw", [b"\x00\x01\x02PNG", b"a\x00b", b"\x89PNG\x1a\x00\x00"])
def test_what_is_no_text_is_refused(raw: bytes) -> None:
    with pytest.raises(DataError, match="not a text file"):
        decoded(raw, Path("list.csv"))


def test_texts_are_composed_with_single_spaces() -> None:
    assert composed("  Zoe\u0308  B\t") == "Zoë B"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (".".join(["a"] * 50_000) + " = 1\n", "a key has more than 8 parts"),
        ("a = [" + "[" * 5_000, "not valid TOML"),
        ("a =\n", "not valid TOML"),
        ("# " + "x" * TOML_BYTES, "larger than 1 MiB"),
    ],
)
def test_a_toml_that_would_take_gigabytes_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "a.toml"
    path.write_text(text)
    with pytest.raises(DataError, match=f"{path}: {said}"):
        read_toml(path)


def test_dots_in_texts_and_comments_are_no_parts_of_a_key(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text('a.b = "1.2.3.4.5.6.7.8.9.10"  # a.b.c.d.e.f.g.h.i.j\n')
    assert read_toml(path) == {"a": {"b": "1.2.3.4.5.6.7.8.9.10"}}
