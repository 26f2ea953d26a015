"""What `hwr-edge file` is to do, from its options."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from hwr_edge.image.sources import Found
from hwr_edge.results.formats import LAYOUTS, TABLES, WITH_PLACES
from hwr_edge.results.layouts import Layout, NameOnly
from hwr_edge.results.separator import Separator
from hwr_edge.scan.settings import Settings, Target, options_digest

if TYPE_CHECKING:
    from hwr_edge.events.events import Receivers
    from hwr_edge.results.copies import Copies
    from hwr_edge.results.matched import Matches
    from hwr_edge.results.roster_file import People
    from hwr_edge.scan.form_pages import FormPages


class Listed(NamedTuple):
    """The roster, and what else is asked of it."""

    path: Path | None
    people: People | None
    keep: tuple[str, ...] = ()
    missing: Path | None = None


@dataclass(frozen=True, eq=False, repr=False)
class Job:
    """What `file` is to do."""

    found: Found
    layout: str
    separator: Separator
    output: Path | None
    reading: Settings
    target: Target
    annotate: Path | None
    jobs: int
    resume: bool
    listed: Listed
    form_pages: FormPages | None = None
    events: Receivers | None = None

    @cached_property
    def matches(self) -> Matches | None:
        """What counts the roster's people; None where nothing is asked of it but its names."""
        people, keep = self.listed.people, self.listed.keep
        if people is None:
            return None
        from hwr_edge.results.matched import Matches  # for those who have a roster

        return Matches(people, keep)

    def make_layout(self, images: int) -> Layout:
        """The names alone for one image, if nothing else was asked for; else the layout that was."""
        matched, reviewed = self.reading.roster is not None, self.reading.accept is not None
        if self.layout == "text" and images == 1 and not (matched or reviewed):
            return NameOnly()
        if self.layout in TABLES:
            return self._table(matched, reviewed)
        return LAYOUTS[self.layout]()

    def _table(self, matched: bool, reviewed: bool) -> Layout:
        from hwr_edge.results.tables import Csv, FormTable

        kept, fields = self.matches.columns if self.matches else (), []
        if self.target.form:
            from hwr_edge.form.template import fields_read

            read = fields_read(self.target.form)
            fields = [field.name for field in read]
            matched |= any(field.roster for field in read)
        table: Layout = Csv(self.separator, kept)
        if fields:
            table = FormTable(fields, matched, reviewed, self.separator, kept)
        if self.layout == "csv":
            return table
        from hwr_edge.results.workbook import Workbook

        return Workbook(table)

    @property
    def copies(self) -> Copies | None:
        """What joins the pages of a form of several to one record of a table."""
        if not self.target.form or self.layout not in TABLES:
            return None
        from hwr_edge.form.template import page_fields
        from hwr_edge.results.copies import Copies

        pages = page_fields(self.target.form)
        every = self.form_pages.every if self.form_pages else None
        return Copies(pages, every) if len(pages) > 1 else None

    @property
    def places(self) -> bool:
        """Whether the format says where words stand."""
        return self.layout in WITH_PLACES

    def guard(self) -> AbstractContextManager[None]:
        """Entered while the output is replaced; raises Reviewed where answers would be lost."""
        if self.output is None:
            return nullcontext()
        from hwr_edge.results.reviewed import replacing

        return replacing(self.output, self.layout == "jsonl")

    @cached_property
    def options_digest(self) -> str:
        """A digest of all that makes the rows of an image, but for the image."""
        return options_digest(
            self.reading, self.target, self.layout, self.separator, self.listed.keep
        )
