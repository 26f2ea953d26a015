"""Options that commands share, and what they make of a Recognizer."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hwr_edge.image.shape import Shape
from hwr_edge.line.decoder import Decoder
from hwr_edge.results.separator import Separator
from hwr_edge.scan.settings import Settings, Target

if TYPE_CHECKING:
    from hwr_edge.results.roster_file import People
    from hwr_edge.scan.form_pages import FormPages

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


RosterKeep = Annotated[
    list[str] | None,
    typer.Option(
        "--roster-keep",
        metavar="HEADING",
        help="Column of the roster to add to each match. Repeat it for more.",
    ),
]

ImageLayout = Annotated[
    Shape | None,
    typer.Option("--layout", help="What the images show. Default: decided by shape."),
]

FormFile = Annotated[
    Path | None,
    typer.Option(
        "--form",
        readable=False,
        metavar="FILE",
        help="Read filled forms with this template (see `hwr-edge form`).",
    ),
]

PagesOfForm = Annotated[
    str | None,
    typer.Option(
        "--form-pages",
        metavar="PAGES[/EVERY]",
        help="Pages of each document that show the form: 1, or 1/6 for one of every six.",
    ),
]

DecoderName = Annotated[
    Decoder | None,
    typer.Option(
        "--decoder",
        help="beam uses a name model, greedy the image alone. Default: beam if possible.",
    ),
]

NameModelFile = Annotated[
    Path | None,
    typer.Option(
        "--name-model",
        readable=False,
        metavar="FILE",
        help="Name model for the beam. Default: the shipped one.",
    ),
]

Alternatives = Annotated[
    int,
    typer.Option("--top", min=0, max=12, metavar="K", help="Also print up to K alternatives."),
]

Accept = Annotated[
    float | None,
    typer.Option(
        "--accept",
        min=0.0,
        max=1.0,
        metavar="P",
        help="Flag readings with confidence below P, and names not on the roster.",
    ),
]

MaxMemory = Annotated[
    int | None,
    typer.Option(
        "--max-memory",
        min=1,
        max=1 << 20,
        metavar="MIB",
        help="Memory for the pixels of an image. Default: 256.",
    ),
]

MaxSeconds = Annotated[
    int | None,
    typer.Option(
        "--max-seconds",
        min=1,
        max=1 << 20,
        metavar="S",
        help="Time to decode a page of a PDF or TIFF. Default: 8.",
    ),
]

MaxPages = Annotated[
    int | None,
    typer.Option(
        "--max-pages", min=1, max=1 << 20, metavar="N", help="Pages of a file. Default: 1000."
    ),
]


def target_of(layout: Shape | None, form: Path | None, form_pages: str | None) -> Target:
    """What the options say that images show; typer.BadParameter where they do not go together."""
    if form and layout:
        raise typer.BadParameter("use either --form or --layout")
    if form_pages and not form:
        raise typer.BadParameter("--form-pages needs --form")
    return Target(layout, form)


def pages_of_form(asked: str | None) -> FormPages | None:
    """What `--form-pages` says; typer.BadParameter where it names no pages."""
    if asked is None:
        return None
    from hwr_edge.scan.form_pages import FormPages

    try:
        return FormPages.of(asked)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--form-pages") from error


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
