"""The pages of one filled form joined: its front and its back in a document are one record of a table."""

from __future__ import annotations

from collections.abc import Sequence

from hwr_edge.results.rows import Row


class Copies:
    """Gathers the rows of pages, as they come, to those of whole forms.

    Pages go together where they are of one document, no field is on both, and they lie as far from each other as
    the pages of the template.
    """

    def __init__(self, pages: Sequence[Sequence[str]], every: int | None = None) -> None:
        """Know the form.

        Args:
            pages: of the template, the fields of each.
            every: pages from one form to the next in each document, where that is known: all of those go together.
        """
        self._place = {field: k for k, fields in enumerate(pages) for field in fields}
        self._every = every
        self._waiting: list[Row] = []

    def add(self, rows: Sequence[Row]) -> list[list[Row]]:
        """The rows of an image's page; gives those of the forms that are whole now."""
        if not rows:
            return []
        if self._goes_on(rows):
            self._waiting += rows
            return []
        whole, self._waiting = self.rest(), list(rows)
        return whole

    def rest(self) -> list[list[Row]]:
        """Those of the last form, once, after all pages."""
        rest, self._waiting = self._waiting, []
        return [rest] if rest else []

    def _goes_on(self, rows: Sequence[Row]) -> bool:
        """Whether a page is another one of the form that waits."""
        if not self._waiting or rows[0].image != self._waiting[0].image:
            return False
        first, page = self._waiting[0].page, rows[0].page
        if first is None or page is None:
            return False
        if {row.field for row in rows} & {row.field for row in self._waiting}:
            return False
        if self._every:
            return (first - 1) // self._every == (page - 1) // self._every
        apart = self._place[rows[0].field or ""] - self._place[self._waiting[0].field or ""]
        return page - first == apart
