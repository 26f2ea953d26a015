"""Options that commands of training share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Seed = Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Seed of all random choices.")]
Data = Annotated[
    str | None,
    typer.Option(
        help="Folder with labels.csv (image, text), in the public layout, or of shards; or an address of shards."
    ),
]
Fold = Annotated[
    bool | None,
    typer.Option(
        "--fold/--no-fold",
        help="Change labels to capitals without accents. Default: only for the public layout.",
    ),
]
Runs = Annotated[Path, typer.Option(help="Folder of all runs.")]
FilenameColumn = Annotated[str, typer.Option(help="Column of the CSV with file names.")]
IdentityColumn = Annotated[str, typer.Option(help="Column of the CSV with labels.")]
CsvPattern = Annotated[
    str, typer.Option(help="CSV of a split, in the data folder. {split} stands for the split.")
]
FolderPattern = Annotated[
    str, typer.Option(help="Folder of a split's images. {split} stands for the split.")
]
Names = Annotated[
    Path | None, typer.Option(help="CSV of NAME,COUNT. Synthetic names come from it.")
]
Strokes = Annotated[
    Path | None, typer.Option(help="Pen strokes to draw names with: letters.jsonl.gz.")
]
Fonts = Annotated[
    Path | None, typer.Option(help="Folder of handwriting fonts: .woff2, .ttf, .otf.")
]
CutBy = Annotated[Path | None, typer.Option(help=".keras file that finds the letters to cut.")]


def text_of(path: Path | str | None) -> str | None:
    """A path as a configuration keeps it: as it was typed."""
    return None if path is None else f"{path}"
