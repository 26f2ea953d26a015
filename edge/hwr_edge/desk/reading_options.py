"""What is asked of a reading: the options of `hwr-edge file` that the page and the API take, checked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from hwr_edge.errors import DataError
from hwr_edge.image.shape import Shape
from hwr_edge.line.decoder import Decoder
from hwr_edge.scan.form_pages import FormPages

MOST_TOP = 12  # alternatives
KEYS = ("layout", "form", "form_pages", "list", "columns", "accept", "top", "decoder")


@dataclass(frozen=True)
class ReadingOptions:
    """Options of a reading; as `hwr-edge file` has them, but that files are named by the desk's own names.

    form, list: names of the desk's forms and lists.
    columns: headings of the list's columns that hold the names.
    accept: None where the desk's own default counts.
    """

    layout: str | None = None
    form: str | None = None
    form_pages: str | None = None
    list: str | None = None
    columns: tuple[str, ...] = ()
    accept: float | None = None
    top: int = 0
    decoder: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Those that are set."""
        return {key: value for key, value in asdict(self).items() if value not in (None, (), 0)}


def options_of(found: Mapping[str, Any]) -> ReadingOptions:
    """Options by their keys, as JSON, TOML or a form of HTTP has them; empty ones count as not set.

    Raises:
        DataError: one is unknown, or its value is none that it can have.
    """
    given = {key: value for key, value in found.items() if value not in (None, "", [], ())}
    if unknown := [key for key in given if key not in KEYS]:
        raise DataError(f"unknown option {unknown[0]!r}; there are {', '.join(KEYS)}")
    asked = ReadingOptions(
        _one_of(given, "layout", [shape.value for shape in Shape]),
        _text(given, "form"),
        _text(given, "form_pages"),
        _text(given, "list"),
        _texts(given, "columns"),
        _share(given.get("accept")),
        _whole(given.get("top", 0)),
        _one_of(given, "decoder", [decoder.value for decoder in Decoder]),
    )
    return _together(asked)


def _together(asked: ReadingOptions) -> ReadingOptions:
    """The options, where they go together."""
    if asked.form and asked.layout:
        raise DataError("use either form or layout")
    if asked.form_pages and not asked.form:
        raise DataError("form_pages needs form")
    if asked.columns and not asked.list:
        raise DataError("columns needs list")
    if asked.form_pages:
        try:
            FormPages.of(asked.form_pages)
        except ValueError as error:
            raise DataError(f"form_pages: {error}") from error
    return asked


def _text(given: Mapping[str, Any], key: str) -> str | None:
    value = given.get(key)
    if value is not None and not (isinstance(value, str) and value.isprintable()):
        raise DataError(f"{key} is a text")
    return value


def _texts(given: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = given.get(key, ())
    texts = value.split(",") if isinstance(value, str) else value
    if not isinstance(texts, (list, tuple)) or not all(isinstance(one, str) for one in texts):
        raise DataError(f"{key} is a list of texts")
    return tuple(one.strip() for one in texts if one.strip())


def _one_of(given: Mapping[str, Any], key: str, known: list[str]) -> str | None:
    value = given.get(key)
    if value is not None and value not in known:
        raise DataError(f"{key} is {' or '.join(known)}, not {value!r}")
    return value


def _share(value: Any) -> float | None:
    if value is None:
        return None
    try:
        share = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        share = math.nan
    if not 0 <= share <= 1:
        raise DataError("accept is a number from 0 to 1")
    return share


def _whole(value: Any) -> int:
    text = "" if isinstance(value, bool) else str(value)
    if not (text.isascii() and text.isdecimal() and len(text) < 4 and int(text) <= MOST_TOP):
        raise DataError(f"top is a whole number from 0 to {MOST_TOP}")
    return int(text)
