"""Text files of people: any common encoding."""

from __future__ import annotations

from pathlib import Path

from hwr_edge.errors import DataError


def read_text(path: Path) -> str:
    """UTF-8 (with or without a mark), UTF-16 with a mark, else Windows-1252.

    Raises:
        DataError: the file cannot be read, or is no text.
    """
    try:
        raw = path.read_bytes()
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read ({getattr(error, 'strerror', error)})") from error
    try:
        text = _decode(raw)
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not a text file ({error})") from error
    if "\0" in text:
        raise DataError(f"{path}: not a text file; save it as text or as .csv")
    return text if "\n" in text else text.replace("\r", "\n")  # line ends of an old Mac


def _decode(raw: bytes) -> str:
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")
