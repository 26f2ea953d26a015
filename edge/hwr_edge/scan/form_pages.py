"""Which pages of a document show a form."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PART = re.compile(r"([0-9]{1,6})(?:-([0-9]{1,6}))?")
_MOST = 1000  # pages of a form


@dataclass(frozen=True)
class FormPages:
    """Pages from 1; with `every`, those of each so many pages."""

    pages: frozenset[int]
    every: int | None = None

    @classmethod
    def of(cls, text: str) -> FormPages:
        """Read "1", "1,2", "1-3" or "1/6".

        Raises:
            ValueError: it is none of these.
        """
        listed, slash, every = text.replace(" ", "").partition("/")
        parts = [_PART.fullmatch(part) for part in listed.split(",")]
        if not all(parts) or (slash and not re.fullmatch("[1-9][0-9]{0,5}", every)):
            raise ValueError(f"{text!r} names no pages; write 1, or 1,2, or 1-3, or 1/6")
        pages: set[int] = set()
        for part in filter(None, parts):
            first, last = int(part[1]), int(part[2] or part[1])
            if not 1 <= first <= last < first + _MOST:
                raise ValueError(f"{part[0]}: pages are counted from 1, in ascending order")
            pages.update(range(first, last + 1))
        if slash and max(pages) > int(every):
            raise ValueError(f"{text!r}: of every {every} pages there is no page {max(pages)}")
        return cls(frozenset(pages), int(every) if slash else None)

    def __contains__(self, page: int) -> bool:
        """Whether a page, from 1, is one of them."""
        return ((page - 1) % self.every + 1 if self.every else page) in self.pages
