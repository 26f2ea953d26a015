"""`draw`: draws name fields as images."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hwr_train.commands.options import Seed, Strokes
from hwr_train.console import errors_reported


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(draw)


def draw(
    folder: Annotated[Path, typer.Argument(help="Folder for the images.")],
    texts: Annotated[
        list[str] | None, typer.Argument(help="Names to draw. Default: synthetic ones.")
    ] = None,
    count: Annotated[int, typer.Option(min=1, help="Number of synthetic names.")] = 10,
    seed: Seed = 0,
    strokes: Strokes = None,
    data: Annotated[
        bool, typer.Option(help="Write all three splits in the public layout.")
    ] = False,
) -> None:
    """Draw name fields as images, to try things out. You need no data."""
    with errors_reported():
        from hwr_train.synthetic.draw import draw_dataset, draw_images

        if data:
            draw_dataset(folder, count, seed, strokes)
        else:
            draw_images(folder, texts or None, count, seed, strokes)
