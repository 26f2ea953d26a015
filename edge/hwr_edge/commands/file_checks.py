"""Wrong usage of `hwr-edge file`, found before anything is read."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import typer

from hwr_edge.commands.file_job import Job
from hwr_edge.commands.options import (
    refuse_inputs,
)
from hwr_edge.image.sources import STDIN
from hwr_edge.results.formats import GROWING, TABLES


def check(job: Job, arguments: list[str]) -> None:
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
    read = [job.reading.model, job.reading.name_model, job.listed.path, job.target.form, *images]
    if job.output and job.target.form:
        from hwr_edge.form.template import files_of

        read += files_of(job.target.form)
    refuse_inputs(job.output, "--output", filter(None, read))
    _check_list(job, [path for path in read if path])
    _refuse_reviewed(job)
    if job.resume and (job.output is None or job.layout not in GROWING):
        raise typer.BadParameter("--resume needs --output and --format text, jsonl or csv")
    if job.resume and len(set(images)) < len(images):
        twice = next(image for image in images if images.count(image) > 1)
        raise typer.BadParameter(f"{twice} is given twice; with --resume, give each image once")


def _check_format(job: Job) -> None:
    """Raise typer.BadParameter for what the format cannot hold."""
    if job.layout in TABLES and job.target.form and job.reading.top:
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
