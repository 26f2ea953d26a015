"""Which letters a network begins with what another one knows of its own."""

from __future__ import annotations

from hwr_edge.line.charset import BLANK, Charset, fold


def taken_over(before: Charset, after: Charset) -> list[int | None]:
    """For each class of `after` the class of `before` that it begins as: the same letter, else its folded one.

    None for letters that are new altogether. A small letter and its capital begin alike, and part as they learn.

    >>> taken_over(Charset(" AE"), Charset(" aé7"))
    [0, 1, 2, 3, None]
    """
    places = {letter: k for k, letter in enumerate(before.letters, BLANK + 1)}
    return [BLANK, *(places.get(letter, places.get(fold(letter))) for letter in after.letters)]
