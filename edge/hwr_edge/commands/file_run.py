"""Reads the images of `hwr-edge file`, and writes their rows."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hwr_edge.commands.console import ErrorReport, print_message, trace
from hwr_edge.commands.event_options import sending
from hwr_edge.commands.file_job import Job
from hwr_edge.commands.progress import Progress
from hwr_edge.errors import DataError
from hwr_edge.files import Sink, open_sink, part_of
from hwr_edge.image.sources import STDIN
from hwr_edge.results.cells import one_line
from hwr_edge.results.formats import GROWING
from hwr_edge.results.layouts import Layout
from hwr_edge.results.rows import Row
from hwr_edge.scan.settings import scanner_of

if TYPE_CHECKING:
    from hwr_edge.image.document import Unit
    from hwr_edge.results.resume import Before
    from hwr_edge.scan.annotate import Annotator
    from hwr_edge.scan.scanner import Scanner

_TO_SEND = 10.0  # seconds that the end waits for receivers


def run(job: Job) -> bool:
    """Read and print everything; False where something could not be read."""
    from hwr_edge.scan.units import units

    early = ErrorReport()
    everything = [
        unit
        for unit in units(job.found.images, early.add)
        if job.form_pages is None or unit.page is None or unit.page in job.form_pages
    ]
    layout, copies = job.make_layout(len(everything)), job.copies
    before = _before(job, layout, everything) if job.resume else None
    done: Container[str] = before.labels if before else ()
    written = one_line if job.layout == "text" else str  # how labels stand in the rows
    unread = [u for u in everything if written(u.label) not in done]
    scanner = scanner_of(job.reading, job.target, job.places) if unread else None
    annotator = _annotator(job, everything) if job.annotate else None
    with (
        sending(job.events, print_message, _TO_SEND) as events,
        _sink(job, before) as sink,
        Progress(len(unread), job.output) as progress,
    ):
        errors = ErrorReport(progress)
        roster = scanner.recognizer.roster if scanner else None
        for note in job.found.notes:
            errors.note(note)
        for problem in (*job.found.problems, *(roster.problems if roster else [])):
            errors.add(problem)
        if not (before and before.size):
            sink.write(layout.head())
        if scanner:
            for rows in progress.over(_rows(job, unread, scanner, errors, annotator)):
                rows = job.matches.add(rows) if job.matches else rows
                if events:  # first: a row may come again after a kill, but none is lost
                    events.add([row.to_dict() for row in rows], _event_scope(rows))
                for whole in copies.add(rows) if copies else [rows]:
                    sink.write(layout.rows(whole))
        for whole in copies.rest() if copies else []:
            sink.write(layout.rows(whole))
        sink.write(layout.tail())
    if job.matches and job.listed.missing:
        print_message(job.matches.write_missing(job.listed.missing, job.separator))
    return early.count + errors.count == 0


def _event_scope(rows: Sequence[Row]) -> str:
    """What tells an image's names from those of all others; standard input is never read again."""
    known = rows and rows[0].crc32 is not None
    return str(Path(rows[0].image).absolute()) if known else ""


def _annotator(job: Job, units: Sequence[Unit]) -> Annotator:
    from hwr_edge.scan.annotate import Annotator

    assert job.annotate
    return Annotator(job.annotate, job.found.images, units)


def _rows(
    job: Job,
    found: Sequence[Unit],
    scanner: Scanner,
    errors: ErrorReport,
    annotator: Annotator | None,
) -> Iterator[list[Row]]:
    from hwr_edge.scan.batch import read_all, read_all_at_once

    jobs = 1 if STDIN in job.found.images else min(job.jobs, len(found))
    if jobs == 1:
        return read_all(found, scanner, errors.add, errors.note, annotator, trace)
    make = partial(scanner_of, job.reading, job.target, job.places)
    told = errors.add, errors.note, annotator, trace
    return read_all_at_once(found, scanner, make, jobs, *told)


def _before(job: Job, layout: Layout, units: Sequence[Unit]) -> Before:
    """What an interrupted run has written, where it is of these images as they are."""
    from hwr_edge.image.document import checksum
    from hwr_edge.results.resume import Labels, Record, read_before

    assert job.output
    part, known, checked = part_of(job.output), Labels(), ""
    for unit in units:
        known.add(one_line(unit.label) if job.layout == "text" else unit.label)

    def check(row: Record) -> None:
        nonlocal checked
        if row.label not in known:
            raise DataError(
                f"{part}: has rows of {row.label}, which is not among these images; give the "
                "same images, or delete it"
            )
        if row.crc32 and row.image != checked and checksum(Path(row.image)) != row.crc32:
            raise DataError(
                f"{part}: has rows of {row.image}, which changed since; delete it to start over"
            )
        checked = row.image
        if job.matches:
            job.matches.count(row.matches)

    return read_before(part, job.options_digest, job.layout, layout.columns, job.separator, check)


def _sink(job: Job, before: Before | None) -> AbstractContextManager[Sink]:
    """Where rows go; a JSON array comes at the end alone, and needs no draft that grows."""
    if job.output is None or job.layout not in GROWING:
        return open_sink(job.output, guard=job.guard)
    from hwr_edge.results.growing import open_growing

    return open_growing(job.output, job.options_digest, before.size if before else None, job.guard)
