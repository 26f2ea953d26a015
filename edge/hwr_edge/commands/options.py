"""Options that commands share, and what they make of a Recognizer."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from hwr_edge.line.decoder import Decoder
from hwr_edge.results.separator import Separator

if TYPE_CHECKING:
    from hwr_edge.results.roster_file import People

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


RosterFile = Annotated[
    Path | None,
    typer.Option(
        "--roster",
        readable=False,
        metavar="FILE",
        help="Match names to this list: one name per line, a CSV file, or a spreadsheet.",
    ),
]

RosterColumns = Annotated[
    list[str] | None,
    typer.Option(
        "--roster-column",
        metavar="HEADING",
        help="Column of the roster with names, by heading or number. Repeat it for names in two columns.",
    ),
]


class Settings(NamedTuple):
    """What a Recognizer is made with, in its order."""

    model: Path | None
    threads: int
    decoder: Decoder | None
    name_model: Path | None
    top: int
    roster: dict[str, tuple[str, ...]] | None
    accept: float | None


def people_of(
    roster: Path | None, columns: Sequence[str] | None, tell: Callable[[str], None]
) -> People | None:
    """The roster that the options name, with what was guessed told; None where there is none.

    Raises:
        typer.BadParameter: columns of no roster are named.
        DataError: the roster cannot be used.
    """
    if roster is None:
        if columns:
            raise typer.BadParameter("--roster-column needs --roster")
        return None
    from hwr_edge.results.roster_file import read_people

    people = read_people(roster, columns or ())
    for note in people.notes:
        tell(note)
    return people


def settings_of(
    model: Path | None,
    threads: int,
    decoder: Decoder | None,
    name_model: Path | None,
    top: int,
    people: People | None,
    accept: float | None,
) -> Settings:
    """What the options say; typer.BadParameter where they do not go together."""
    if decoder is Decoder.GREEDY and (name_model or (top and not people)):
        raise typer.BadParameter("--top and --name-model need the beam decoder")
    if accept is not None and not 0 <= accept <= 1:  # Typer takes nan
        raise typer.BadParameter(f"{accept} is not between 0 and 1", param_hint="--accept")
    names = people.spelt() if people else None
    return Settings(model, threads, decoder, name_model, top, names, accept)


def refuse_inputs(output: Path | None, option: str, inputs: Iterable[Path | str]) -> None:
    """Raise typer.BadParameter where what is to be written is one of the files to be read."""
    out = os.path.realpath(output) if output else None
    if out and any(os.path.realpath(path) == out for path in inputs):
        raise typer.BadParameter(f"{output} is also read; choose another file", param_hint=option)
