"""Options that commands share, and what they make of a Recognizer."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from hwr_edge.line.decoder import Decoder
from hwr_edge.results.separator import Separator

Model = Annotated[
    Path | None,
    typer.Option(
        "--model",
        readable=False,
        metavar="FILE",
        help="Model file. Default: HWR_EDGE_MODEL, then the shipped model.",
    ),
]

CsvSeparator = Annotated[
    Separator,
    typer.Option(help="CSV separator. Use semicolon if your spreadsheet uses decimal commas."),
]


class Settings(NamedTuple):
    """What a Recognizer is made with, in its order."""

    model: Path | None
    threads: int
    decoder: Decoder | None
    name_model: Path | None
    top: int
    roster: list[str] | None
    accept: float | None


def settings_of(
    model: Path | None,
    threads: int,
    decoder: Decoder | None,
    name_model: Path | None,
    top: int,
    roster: Path | None,
    roster_column: str | None,
    accept: float | None,
) -> Settings:
    """What the options say, with the roster read; typer.BadParameter where they do not go together."""
    if decoder is Decoder.GREEDY and (name_model or (top and not roster)):
        raise typer.BadParameter("--top and --name-model need the beam decoder")
    if accept is not None and not 0 <= accept <= 1:  # Typer takes nan
        raise typer.BadParameter(f"{accept} is not between 0 and 1", param_hint="--accept")
    if roster_column is not None and roster is None:
        raise typer.BadParameter("--roster-column needs --roster")
    names = None
    if roster:
        from hwr_edge.results.roster_file import read_roster

        names = read_roster(roster, roster_column)
    return Settings(model, threads, decoder, name_model, top, names, accept)


def refuse_inputs(output: Path | None, option: str, inputs: Iterable[Path | str]) -> None:
    """Raise typer.BadParameter where what is to be written is one of the files to be read."""
    out = os.path.realpath(output) if output else None
    if out and any(os.path.realpath(path) == out for path in inputs):
        raise typer.BadParameter(f"{output} is also read; choose another file", param_hint=option)
