"""Text files of people: any common encoding."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from hwr_edge.errors import DataError
from hwr_edge.limits import TEXT_BYTES


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


class Decoded(NamedTuple):
    """A text, and the encoding that was guessed for it; None where the file says or shows it."""

    text: str
    guess: str | None = None


def read_text(path: Path, most: int = TEXT_BYTES) -> str:
    """The text of a file in any common encoding, of at most so many bytes; see `read_guessed`.

    Raises:
        DataError: the file cannot be read, or is no text.
    """
    return decoded(read_bytes(path, most), path).text


def read_bytes(path: Path, most: int = TEXT_BYTES) -> bytes:
    """A file's bytes.

    Raises:
        DataError: the file cannot be read, or has more.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(most + 1)
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read ({getattr(error, 'strerror', error)})") from error
    if len(raw) > most:
        raise DataError(f"{path}: larger than {most >> 20} MiB; is it the right file?")
    return raw


def decoded(raw: bytes, path: Path) -> Decoded:
    """The text of a file's bytes, with "\\n" for the line ends of an old Mac.

    UTF-8, and UTF-16 with or without a mark, show what they are. Else the encoding is guessed: it is
    the one in which most letters are of one language's names, and stand as letters of words do. (A
    general detector counts letters by language, and has too few of them in a list of thirty names.)

    Raises:
        DataError: it is no text.
    """
    try:
        found = _decoded(raw)
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not a text file ({error})") from error
    if re.search("[\0-\x08\x0e-\x1f]", found.text):
        raise DataError(f"{path}: not a text file; save it as text or as .csv")
    if "\n" in found.text:
        return found
    return found._replace(text=found.text.replace("\r", "\n"))


def _decoded(raw: bytes) -> Decoded:
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return Decoded(raw.decode("utf-16"))
    if len(raw) > 1 and raw[:2].count(0) == 1:
        return Decoded(raw.decode("utf-16-le" if raw[1] == 0 else "utf-16-be"))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _guessed(raw)
    twice = _decoded_twice(text)
    return Decoded(text) if twice is None else Decoded(twice, "UTF-8 encoded twice")


def _decoded_twice(text: str) -> str | None:
    """The text, where somebody took its UTF-8 for Windows-1252 and saved it so (PrÃ©nom)."""
    if not any(sign in text for sign in "ÃÂÅÐ"):
        return None
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return None


def _guessed(raw: bytes) -> Decoded:
    best, least = Decoded(raw.decode("cp1252", errors="replace"), "cp1252"), None
    for language in _LANGUAGES:
        for encoding in language.encodings:
            try:
                text = raw.decode(encoding)
            except UnicodeDecodeError:
                continue
            odd = sum(1 for _ in _odd(text, language.letters))
            if least is None or odd < least:
                best, least = Decoded(text, f"{encoding}, as for {language.name}"), odd
    return best


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


def composed(text: str) -> str:
    """The text in Unicode's composed form, with single spaces and none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())
