"""Text files of people: any common encoding."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Any, NamedTuple

from hwr_edge.encodings import Likely, guessed
from hwr_edge.errors import DataError
from hwr_edge.limits import TEXT_BYTES, TOML_BYTES

_MOST_PARTS = 8  # of a dotted key in TOML; those of forms and settings have one or two


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


def read_toml(path: Path) -> dict[str, Any]:
    """What a TOML of people says: a form's template, or settings.

    Raises:
        DataError: the file cannot be read, is too large, or is no TOML; or a key has many parts.
    """
    try:
        return toml_of(read_text(path, TOML_BYTES))
    except ValueError as error:
        raise DataError(f"{path}: {error}") from error


def toml_of(text: str) -> dict[str, Any]:
    """The same of its text.

    Raises:
        ValueError: it is no TOML, or a key has so many parts that parsers take gigabytes.
    """
    import tomllib  # for those who read some

    # A parser's memory grows with the square of a key's parts. Each string ends with its line.
    plain = re.sub(r'"(?:\\.|[^"\\\n])*"?|\'[^\'\n]*\'?', "s", text)
    plain = re.sub(r"[\w-]+", "k", re.sub(r"[ \t]|#.*", "", plain))
    if re.search(rf"(?:k\.){{{_MOST_PARTS},}}", plain):
        raise ValueError(f"a key has more than {_MOST_PARTS} parts, with dots between them")
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ValueError(f"not valid TOML ({' '.join(str(error).split())})") from error


def decoded(raw: bytes, path: Path, likely: Likely | None = None) -> Decoded:
    """The text of a file's bytes, with "\\n" for the line ends of an old Mac.

    UTF-8, and UTF-16 with or without a mark, show what they are. Else the encoding is guessed.

    Args:
        raw: the bytes.
        path: of the file, for the error.
        likely: says how likely a word is a name, to guess better.

    Raises:
        DataError: it is no text.
    """
    try:
        found = _decoded(raw, likely)
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not a text file ({error})") from error
    if re.search("[\0-\x08\x0e-\x1f]", found.text):
        raise DataError(f"{path}: not a text file; save it as text or as .csv")
    if "\n" in found.text:
        return found
    return found._replace(text=found.text.replace("\r", "\n"))


def _decoded(raw: bytes, likely: Likely | None) -> Decoded:
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return Decoded(raw.decode("utf-16"))
    if len(raw) > 1 and raw[:2].count(0) == 1:
        return Decoded(raw.decode("utf-16-le" if raw[1] == 0 else "utf-16-be"))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Decoded(*guessed(raw, likely))
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


def composed(text: str) -> str:
    """The text in Unicode's composed form, with single spaces and none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())
