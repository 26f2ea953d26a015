"""What a picture shows: a name of its own, so that the command line needs no more to know it."""

from __future__ import annotations

from enum import StrEnum


class Shape(StrEnum):
    """A crop of one written line, or a page of many."""

    LINE = "line"
    PAGE = "page"
