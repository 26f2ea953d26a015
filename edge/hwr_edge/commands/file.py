"""`hwr-edge file`: reads images, and prints or writes a row for each name."""

from __future__ import annotations

import os
from collections.abc import Container, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from hwr_edge.commands.console import Complaints, complain, errors_reported, trace
from hwr_edge.commands.event_options import (
    EventsFolder,
    MqttTo,
    PasswordFile,
    TlsCa,
    WebhookTo,
    sending,
    to_of,
)
from hwr_edge.commands.options import (
    Accept,
    Alternatives,
    CsvSeparator,
    DecoderName,
    FormFile,
    ImageLayout,
    MaxMemory,
    MaxPages,
    MaxSeconds,
    Model,
    NameModelFile,
    PagesOfForm,
    RosterColumns,
    RosterFile,
    RosterKeep,
    look_of,
    pages_of_form,
    people_of,
    refuse_inputs,
    settings_of,
)
from hwr_edge.commands.progress import Progress
from hwr_edge.errors import DataError
from hwr_edge.files import Sink, open_sink, part_of
from hwr_edge.image.sources import STDIN, Found, find
from hwr_edge.limits import set_limits
from hwr_edge.results.rows import LAYOUTS, Csv, FormTable, Layout, NameOnly, Row, one_line
from hwr_edge.results.separator import Separator
from hwr_edge.scan.settings import Look, Settings, made_with, scanner_of

if TYPE_CHECKING:
    from hwr_edge.events.events import To
    from hwr_edge.image.document import Unit
    from hwr_edge.results.copies import Copies
    from hwr_edge.results.matched import Matches
    from hwr_edge.results.resume import Before
    from hwr_edge.results.roster_file import People
    from hwr_edge.scan.annotate import Annotator
    from hwr_edge.scan.form_pages import FormPages
    from hwr_edge.scan.scanner import Scanner


class Format(StrEnum):
    """How rows are printed."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    XLSX = "xlsx"
    ALTO = "alto"
    HOCR = "hocr"
    LABEL_STUDIO = "label-studio"


_ENDINGS = {
    ".csv": Format.CSV,
    ".json": Format.JSON,
    ".jsonl": Format.JSONL,
    ".xlsx": Format.XLSX,
    ".xml": Format.ALTO,
    ".hocr": Format.HOCR,
}
"""What an --output is by its ending, where --format does not say; others are text."""
_GROWING = (Format.TEXT, Format.JSONL, Format.CSV)  # others come at the end, whole
_TO_SEND = 10.0  # seconds that the end waits for receivers
_WITH_PLACES = (Format.ALTO, Format.HOCR)  # of words


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("file")(read_files)


def read_files(
    images: Annotated[
        list[str],
        typer.Argument(
            metavar="IMAGE...",
            help="Crops, pages or PDFs: files, folders, patterns, or - for standard input.",
        ),
    ],
    layout: ImageLayout = None,
    form: FormFile = None,
    form_pages: PagesOfForm = None,
    format: Annotated[
        Format | None,
        typer.Option(
            "--format", help="Output format. Default: by the ending of --output, else text."
        ),
    ] = None,
    separator: CsvSeparator = Separator.COMMA,
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write to FILE. Until it is complete, it is called FILE.part."
        ),
    ] = None,
    model: Model = None,
    decoder: DecoderName = None,
    name_model: NameModelFile = None,
    top: Alternatives = 0,
    roster: RosterFile = None,
    roster_column: RosterColumns = None,
    roster_keep: RosterKeep = None,
    missing: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write the people of the roster who were not found to a CSV file."
        ),
    ] = None,
    accept: Accept = None,
    threads: Annotated[
        int, typer.Option(min=1, max=256, metavar="N", help="Threads for each reading.")
    ] = 1,
    jobs: Annotated[
        int,
        typer.Option(min=1, max=64, metavar="N", help="Number of processes that read."),
    ] = 1,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue an interrupted run with the same --output.")
    ] = False,
    max_memory: MaxMemory = None,
    max_seconds: MaxSeconds = None,
    max_pages: MaxPages = None,
    annotate: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Write copies of the images with the readings drawn on them."
        ),
    ] = None,
    mqtt: MqttTo = None,
    webhook: WebhookTo = None,
    mqtt_password_file: PasswordFile = None,
    tls_ca: TlsCa = None,
    events_folder: EventsFolder = None,
) -> None:
    """Read names from crops, whole pages or filled forms.

    For one image, only the names are printed. For several images, or with --roster or --accept,
    each name is a row: path, name, confidence; then the match ("-" if none) and its confidence;
    then "review" if flagged. A crop always gives one row. A page gives one row per name. A form
    gives one row per field, or one row per form with --format csv.

    Folders are searched recursively; hidden files are skipped.

    If a receiver of --mqtt or --webhook is away, its names wait on the disk. The next run sends them.
    The exit code does not change.

    Exit codes: 0 all images were read; 1 an image could not be read, or a roster name is unusable;
    2 wrong usage.
    """
    kind = format or _ENDINGS.get(output.suffix.lower() if output else "", Format.TEXT)
    grows = output is not None and kind in _GROWING
    go_on = "; repeat the command with --resume to continue" if grows else ""
    with errors_reported(f"interrupted{go_on}"):
        set_limits(max_memory, max_seconds, max_pages)
        look = look_of(layout, form, form_pages)
        if separator is not Separator.COMMA and kind is not Format.CSV and not missing:
            raise typer.BadParameter("--separator needs --format csv or --missing")
        people = people_of(roster, roster_column, complain)
        reading = settings_of(model, threads, decoder, name_model, top, people, accept)
        listed = Listed(roster, people, tuple(roster_keep or ()), missing)
        found = find(images, leave_out=annotate)
        pages = pages_of_form(form_pages)
        to = to_of(mqtt, webhook, mqtt_password_file, tls_ca, events_folder)
        job = Job(
            found,
            kind.value,
            separator,
            output,
            reading,
            look,
            annotate,
            jobs,
            resume,
            listed,
            pages,
            to,
        )
        _check(job, images)
        if not _read(job):
            raise typer.Exit(1)


class Listed(NamedTuple):
    """The roster, and what else is asked of it."""

    path: Path | None
    people: People | None
    keep: tuple[str, ...] = ()
    missing: Path | None = None


@dataclass(frozen=True)
class Job:
    """What `file` is to do."""

    found: Found
    layout: str
    separator: Separator
    output: Path | None
    reading: Settings
    look: Look
    annotate: Path | None
    jobs: int
    resume: bool
    listed: Listed
    form_pages: FormPages | None = None
    events: To | None = None

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
        if self.layout in ("csv", "xlsx"):
            return self._table(matched, reviewed)
        if self.layout in LAYOUTS:
            return LAYOUTS[self.layout]()
        from hwr_edge.results.archives import Alto, Hocr, LabelStudio

        others: dict[str, type[Layout]] = {"alto": Alto, "hocr": Hocr, "label-studio": LabelStudio}
        return others[self.layout]()

    def _table(self, matched: bool, reviewed: bool) -> Layout:
        kept, fields = self.matches.columns if self.matches else (), []
        if self.look.form:
            from hwr_edge.form.template import fields_read

            read = fields_read(self.look.form)
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
        if not self.look.form or self.layout not in ("csv", "xlsx"):
            return None
        from hwr_edge.form.template import page_fields
        from hwr_edge.results.copies import Copies

        pages = page_fields(self.look.form)
        every = self.form_pages.every if self.form_pages else None
        return Copies(pages, every) if len(pages) > 1 else None

    @property
    def places(self) -> bool:
        """Whether the format says where words stand."""
        return self.layout in _WITH_PLACES

    def guard(self) -> AbstractContextManager[None]:
        """Entered while the output is replaced; raises Reviewed where answers would be lost."""
        if self.output is None:
            return nullcontext()
        from hwr_edge.results.reviewed import replacing

        return replacing(self.output, self.layout == "jsonl")

    @cached_property
    def made_with(self) -> str:
        """A digest of all that makes the rows of an image, but for the image."""
        return made_with(self.reading, self.look, self.layout, self.separator, self.listed.keep)


def _check(job: Job, arguments: list[str]) -> None:
    """Raise typer.BadParameter for what can never be meant."""
    if arguments.count(STDIN) > 1:
        raise typer.BadParameter("standard input (-) can be given only once")
    if job.jobs > 1 and STDIN in job.found.images and len(job.found.images) > 1:
        raise typer.BadParameter("standard input (-) needs --jobs 1")
    if job.output and not job.output.name:
        raise typer.BadParameter(f"{str(job.output)!r} is not a file name", param_hint="--output")
    _check_format(job)
    named = (os.path.realpath(argument) for argument in arguments if argument != STDIN)
    if job.annotate and os.path.realpath(job.annotate) in named:
        raise typer.BadParameter(
            f"{job.annotate} is also read; choose another folder for annotated images",
            param_hint="--annotate",
        )
    images = [image for image in job.found.images if image != STDIN]
    read = [job.reading.model, job.reading.name_model, job.listed.path, job.look.form, *images]
    if job.output and job.look.form:
        from hwr_edge.form.template import files_of

        read += files_of(job.look.form)
    refuse_inputs(job.output, "--output", filter(None, read))
    _check_list(job, [path for path in read if path])
    _refuse_reviewed(job)
    if job.resume and (job.output is None or job.layout not in _GROWING):
        raise typer.BadParameter("--resume needs --output and --format text, jsonl or csv")
    if job.resume and len(set(images)) < len(images):
        twice = next(image for image in images if images.count(image) > 1)
        raise typer.BadParameter(f"{twice} is given twice; with --resume, give each image once")


def _check_format(job: Job) -> None:
    """Raise typer.BadParameter for what the format cannot hold."""
    if job.layout in ("csv", "xlsx") and job.look.form and job.reading.top:
        raise typer.BadParameter("a table of forms has no column for --top; use --format jsonl")
    if job.layout == "xlsx" and job.output is None:
        raise typer.BadParameter("--format xlsx needs --output FILE.xlsx")
    if job.layout == "alto" and len(job.found.images) > 1:
        raise typer.BadParameter("ALTO describes one file; read one file at a time")


def _refuse_reviewed(job: Job) -> None:
    """Raise typer.BadParameter where a review has answers to what the output would replace."""
    if job.output is None:
        return
    from hwr_edge.results.reviewed import Reviewed

    try:
        with job.guard():
            pass
    except Reviewed as error:
        raise typer.BadParameter(str(error), param_hint="--output") from error


def _check_list(job: Job, read: Sequence[Path | str]) -> None:
    """Raise typer.BadParameter or DataError for what cannot be asked of the roster."""
    asked = [("--roster-keep", job.listed.keep), ("--missing", job.listed.missing)]
    for option, given in asked:
        if given and not job.listed.people:
            raise typer.BadParameter(f"{option} needs --roster")
    if job.listed.keep and job.layout == "text":
        raise typer.BadParameter("--roster-keep needs --format csv, json or jsonl")
    if job.listed.missing and job.resume and job.layout == "text":
        raise typer.BadParameter("--missing with --resume needs --format csv or jsonl")
    refuse_inputs(job.listed.missing, "--missing", [*read, *filter(None, [job.output])])
    job.matches  # noqa: B018  # raises for a column that is not there


def _read(job: Job) -> bool:
    """Read and print everything; False where something could not be read."""
    from hwr_edge.scan.batch import units

    early = Complaints()
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
    scanner = scanner_of(job.reading, job.look, job.places) if unread else None
    annotator = _annotator(job, everything) if job.annotate else None
    with (
        sending(job.events, complain, _TO_SEND) as events,
        _sink(job, before) as sink,
        Progress(len(unread), job.output) as progress,
    ):
        complaints = Complaints(progress)
        roster = scanner.recognizer.roster if scanner else None
        for note in job.found.notes:
            complaints.note(note)
        for problem in (*job.found.problems, *(roster.problems if roster else [])):
            complaints.add(problem)
        if not (before and before.size):
            sink.write(layout.head())
        if scanner:
            for rows in progress.over(_rows(job, unread, scanner, complaints, annotator)):
                rows = job.matches.add(rows) if job.matches else rows
                if events:  # first: a row may come again after a kill, but none is lost
                    events.add([row.to_dict() for row in rows], _event_scope(rows))
                for whole in copies.add(rows) if copies else [rows]:
                    sink.write(layout.rows(whole))
        for whole in copies.rest() if copies else []:
            sink.write(layout.rows(whole))
        sink.write(layout.tail())
    if job.matches and job.listed.missing:
        complain(job.matches.write_missing(job.listed.missing, job.separator))
    return early.count + complaints.count == 0


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
    complaints: Complaints,
    annotator: Annotator | None,
) -> Iterator[list[Row]]:
    from hwr_edge.scan.batch import read_all, read_all_at_once

    jobs = 1 if STDIN in job.found.images else min(job.jobs, len(found))
    if jobs == 1:
        return read_all(found, scanner, complaints.add, complaints.note, annotator, trace)
    make = partial(scanner_of, job.reading, job.look, job.places)
    told = complaints.add, complaints.note, annotator, trace
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

    return read_before(part, job.made_with, job.layout, layout.columns, job.separator, check)


def _sink(job: Job, before: Before | None) -> AbstractContextManager[Sink]:
    """Where rows go; a JSON array comes at the end alone, and needs no draft that grows."""
    if job.output is None or job.layout not in _GROWING:
        return open_sink(job.output, guard=job.guard)
    from hwr_edge.results.growing import open_growing

    return open_growing(job.output, job.made_with, before.size if before else None, job.guard)
