"""`hwr-edge bulk`: reads archives of any size by many workers, into a folder of tables."""

from __future__ import annotations

import json
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hwr_edge.bulk.rows import Table
from hwr_edge.commands.console import ErrorReport, errors_reported, print_message
from hwr_edge.commands.options import (
    Accept,
    Alternatives,
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
    pages_of_form,
    people_of,
    settings_of,
    target_of,
)
from hwr_edge.limits import limits, set_limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hwr_edge.bulk.parts import Part, Plan
    from hwr_edge.bulk.run import Progress
    from hwr_edge.bulk.work import Done, Setup

_CLEAR_LINE = "\r\033[K"


class ProgressFormat(StrEnum):
    """How progress is told."""

    TEXT = "text"
    JSON = "json"
    NONE = "none"


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("bulk")(bulk)


def bulk(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT...",
            help="Images, PDFs, tar shards, Parquet files: files, folders, patterns, or addresses such as s3://bucket/scans.",
        ),
    ],
    output: Annotated[
        str, typer.Option(metavar="FOLDER", help="Write tables to this folder or address.")
    ],
    format: Annotated[
        Table, typer.Option("--format", help="Format of the tables.")
    ] = Table.PARQUET,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1, max=100_000, metavar="N", help="Number of workers. Default: one per processor."
        ),
    ] = None,
    address: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT", help="Ray cluster to use. Default: start workers on this machine."
        ),
    ] = None,
    progress: Annotated[
        ProgressFormat,
        typer.Option(help="How to print progress: text on stderr, or JSON lines on stdout."),
    ] = ProgressFormat.TEXT,
    layout: ImageLayout = None,
    form: FormFile = None,
    form_pages: PagesOfForm = None,
    model: Model = None,
    decoder: DecoderName = None,
    name_model: NameModelFile = None,
    top: Alternatives = 0,
    roster: RosterFile = None,
    roster_column: RosterColumns = None,
    roster_keep: RosterKeep = None,
    accept: Accept = None,
    image_column: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Column of Parquet files with the bytes of images."),
    ] = None,
    name_column: Annotated[
        str | None, typer.Option(metavar="NAME", help="Column of Parquet files with image names.")
    ] = None,
    max_memory: MaxMemory = None,
    max_seconds: MaxSeconds = None,
    max_pages: MaxPages = None,
) -> None:
    """Read names from archives of any size, with many workers.

    Rows go to FOLDER/rows in parts, with the keys of `hwr-edge file`. What cannot be read goes to
    FOLDER/problems, pages without a name to FOLDER/notes. If the command is interrupted or killed, repeat it: finished parts are kept,
    and no part is read twice.

    Exit codes: 0 all images were read; 1 an image could not be read; 2 wrong usage.
    """
    from hwr_edge.bulk.parts import Columns, plan
    from hwr_edge.bulk.storage import is_address
    from hwr_edge.bulk.work import Setup

    with errors_reported("interrupted; repeat the command to continue"):
        set_limits(max_memory, max_seconds, max_pages)
        target = target_of(layout, form, form_pages)
        people = people_of(roster, roster_column, print_message)
        if roster_keep and not people:
            raise typer.BadParameter("--roster-keep needs --roster")
        model = model or (
            Path(os.environ["HWR_EDGE_MODEL"]) if "HWR_EDGE_MODEL" in os.environ else None
        )
        setup = Setup(
            settings_of(model, 1, decoder, name_model, top, people, accept),
            target,
            pages_of_form(form_pages),
            people,
            tuple(roster_keep or ()),
            Columns(image_column, name_column),
            format,
            output if is_address(output) else str(Path(output).resolve()),
            str(Path.cwd()),
            limits(),
        ).digested()
        planned = plan(inputs, output, setup.columns)
        if not _run(setup, planned, address, workers, progress):
            raise typer.Exit(1)


def _run(
    setup: Setup, planned: Plan, address: str | None, workers: int | None, kind: ProgressFormat
) -> bool:
    """Read everything; False where something could not be read."""
    from hwr_edge.bulk.engine import engine
    from hwr_edge.bulk.run import has_problems, run

    def read(setup: Setup, parts: list[Part]) -> Iterator[Done | None]:
        with engine(address, workers) as found:
            yield from found.run(setup, parts)

    errors, shown = ErrorReport(), _Shown(kind)
    for note in planned.notes:
        errors.note(note)
    for problem in planned.problems:
        errors.add(problem)

    def tell(line: str) -> None:
        shown.clear()
        errors.add(line)

    last = None
    for last in run(setup, planned, read, tell):
        shown.show(last)
    assert last
    shown.end(last, setup.output)
    return errors.count == 0 and not has_problems(setup.output)


class _Shown:
    """Progress, for people or programs."""

    def __init__(self, kind: ProgressFormat) -> None:
        self._kind = kind
        self._bar = kind is ProgressFormat.TEXT and sys.stderr.isatty()

    def show(self, now: Progress) -> None:
        """How far it is."""
        if self._kind is ProgressFormat.JSON:
            typer.echo(json.dumps({"event": "progress", **now.to_dict()}))
        elif self._bar:
            left = "" if now.seconds_left is None else f", {_time(now.seconds_left)} left"
            share = now.bytes / now.bytes_total if now.bytes_total else 1.0
            told = f"{share:.0%}, {now.images} images, {now.rate:.0f} a second{left}"
            sys.stderr.write(f"{_CLEAR_LINE}{told}")
            sys.stderr.flush()

    def clear(self) -> None:
        """Make room for a line."""
        if self._bar:
            sys.stderr.write(_CLEAR_LINE)
            sys.stderr.flush()

    def end(self, now: Progress, output: str) -> None:
        """What it came to."""
        self.clear()
        if self._kind is ProgressFormat.JSON:
            typer.echo(json.dumps({"event": "done", **now.to_dict()}))
        elif self._kind is ProgressFormat.TEXT:
            print_message(
                f"{output}: {now.rows} rows of {now.images} images in this run, "
                f"{now.problems} could not be read; {now.parts} of {now.parts_total} parts are done"
            )


def _time(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{seconds:.0f} s" if seconds < 90 else f"{minutes // 60}:{minutes % 60:02} h"
