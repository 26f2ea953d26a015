"""Which encoding a list of names is in, where it is not Unicode.

A general detector counts letters by language, and has too few of them in a list of thirty names. Here the
encoding counts in which most letters are of one language's names and stand as letters of words do. Where
several come near, a model of how names are spelt judges their words: Lefèvre is one, Lefčvre is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

Likely = Callable[[str], float | None]
"""log p of a word as a name; None where it cannot be one."""


class Language(NamedTuple):
    """A language with the letters that its names have beside A to Z, and the encodings before UTF-8 that have them."""

    name: str
    letters: str
    encodings: tuple[str, ...]


_WEST = ("cp1252", "mac_roman", "cp850", "iso8859_15", "cp437")
_MIDDLE = ("cp1250", "iso8859_2", "cp852", "mac_latin2")
_CYRILLIC = ("cp1251", "koi8_u", "cp866", "mac_cyrillic", "iso8859_5")
_LANGUAGES = (
    # Letters as CLDR's exemplar sets have them; who comes first wins where two fit as well.
    Language("French", "àâæçéèêëîïôœùûüÿ", _WEST),
    Language("German", "äöüßé", _WEST),
    Language("Spanish", "áéíñóúüªº", _WEST),
    Language("Portuguese", "ãõáâàçéêíóôú", _WEST),
    Language("Italian", "àèéìòù", _WEST),
    Language("Catalan", "àçéèíïóòúü·", _WEST),
    Language("Swedish", "åäöéü", _WEST),
    Language("Danish", "æøåéäö", _WEST),
    Language("Polish", "ąćęłńóśźż", _MIDDLE),
    Language("Czech", "áčďéěíňóřšťúůýžäöü", _MIDDLE),
    Language("Slovak", "áäčďéíĺľňóôŕšťúýž", _MIDDLE),
    Language("Croatian", "čćđšž", _MIDDLE),
    Language("Hungarian", "áéíóöőúüű", _MIDDLE),
    Language("Romanian", "ăâîșțşţ", ("cp1250", "iso8859_16", "iso8859_2", "mac_romanian")),
    Language("Turkish", "çğıiöşüâî", ("cp1254", "mac_turkish", "cp857")),
    Language("Lithuanian", "ąčęėįšųūž", ("cp1257", "iso8859_13", "cp775")),
    Language("Latvian", "āčēģīķļņšūž", ("cp1257", "iso8859_13", "cp775")),
    Language("Russian", "абвгдежзийклмнопрстуфхцчшщъыьэюяё", _CYRILLIC),
    Language("Ukrainian", "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя", _CYRILLIC),
    Language("Greek", "αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώϊϋΐΰ", ("cp1253", "cp737", "mac_greek")),
)
_SIGNS = frozenset("’‘“”«»–—…°ºª№·\u00a0")
_WORD = re.compile(rb"[A-Za-z\x80-\xff]+")
_NEAR = 1 / 3
"""Odd letters for each word with a letter beyond ASCII: with more of them than the best, an encoding is none."""
_ODD = 3.0
"""Nats of an odd letter: names are borrowed from other languages. From 1.5 to 6 the same encodings were found."""
_NO_NAME = 4.0
"""Nats a letter of a word that is no name; those of names take some two."""


class _Guess(NamedTuple):
    """A text, what it was taken for, and how many of its letters are odd."""

    text: str
    language: Language
    encoding: str
    odd: int


def guessed(raw: bytes, likely: Likely | None = None) -> tuple[str, str]:
    """The text, and the encoding that was taken with the language that spoke for it."""
    guesses = list(_guesses(raw))
    if not guesses:
        return raw.decode("cp1252", errors="replace"), "cp1252"
    best = min(guesses, key=lambda guess: guess.odd)
    if likely and best.language.letters[0] < "\u0370":  # names in other alphabets it does not know
        words = [word for word in _WORD.findall(raw) if not word.isascii()]
        most = best.odd + max(1, len(words) * _NEAR)
        near = [guess for guess in guesses if guess.odd <= most]
        best = min(near, key=lambda guess: _ODD * guess.odd + _cost(words, guess.encoding, likely))
    return best.text, f"{best.encoding}, as for {best.language.name}"


def _guesses(raw: bytes) -> Iterator[_Guess]:
    for language in _LANGUAGES:
        for encoding in language.encodings:
            try:
                text = raw.decode(encoding)
            except UnicodeDecodeError:
                continue
            yield _Guess(text, language, encoding, sum(1 for _ in _odd(text, language.letters)))


def _cost(words: list[bytes], encoding: str, likely: Likely) -> float:
    """How unlikely the words with letters beyond ASCII are, in nats."""
    total = 0.0
    for raw in words:
        word = "".join(sign for sign in raw.decode(encoding) if sign not in _SIGNS)
        log_prob = likely(word) if word.isalpha() else None
        total += _NO_NAME * (len(word) + 1) if log_prob is None else -log_prob
    return total


def _odd(text: str, letters: str) -> Iterator[str]:
    """The signs beyond ASCII that are not of a language, or do not stand as letters of words do.

    A capital after a small letter is odd, a small one after two capitals, and a letter of another alphabet
    beside one of A to Z.
    """
    known = {*letters, *letters.upper(), *_SIGNS}
    for one, before, sign, after in zip(
        "  " + text, " " + text, text, text[1:] + " ", strict=False
    ):
        if sign > "\x7f" and (
            sign not in known
            or (sign.isupper() and before.islower())
            or (sign.islower() and one.isupper() and before.isupper())
            or (sign > "\u036f" and (_is_latin(before) or _is_latin(after)) and sign not in _SIGNS)
        ):
            yield sign


def _is_latin(sign: str) -> bool:
    return sign.isascii() and sign.isalpha()
