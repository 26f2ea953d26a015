"""Options that commands of training share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Seed = Annotated[int, typer.Option(min=0, max=2**32 - 1)]
Data = Annotated[
    Path | None, typer.Option(help="folder with labels.csv (image, text), or in the public layout")
]
Fold = Annotated[
    bool | None,
    typer.Option(
        "--fold/--no-fold",
        help="labels to capitals without accents; default: yes for the public layout, no for labels.csv",
    ),
]
Names = Annotated[Path | None, typer.Option(help="CSV of NAME,COUNT for synthetic names")]
Strokes = Annotated[Path | None, typer.Option(help="letters.jsonl.gz of pen strokes")]
Fonts = Annotated[Path | None, typer.Option(help="folder of handwriting fonts: .woff2, .ttf, .otf")]
CutBy = Annotated[Path | None, typer.Option(help=".keras file that finds the letters to cut")]


def text_of(path: Path | None) -> str | None:
    """A path as a configuration keeps it."""
    return None if path is None else str(path)
