"""`preview`: shows real crops and synthetic names side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hwr_edge.native import quiet
from hwr_train.commands.options import (
    CutBy,
    Data,
    Fonts,
    Names,
    Runs,
    Seed,
    Strokes,
    text_of,
)
from hwr_train.config import TrainConfig
from hwr_train.console import errors_reported


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(preview)


def preview(
    data: Data = None,
    names: Names = None,
    strokes: Strokes = None,
    fonts: Fonts = None,
    cut_by: CutBy = None,
    preset: Annotated[
        str, typer.Option(help="Size of the network: edge, baseline or tiny.")
    ] = TrainConfig.preset,
    rows: Annotated[int, typer.Option(min=1, help="Names in a column.")] = 24,
    seed: Seed = 0,
    runs: Runs = Path("runs"),
) -> None:
    """Show real crops and synthetic names side by side in RUNS/preview.png.

    The image shows real people's handwriting. Do not share it.
    """
    with errors_reported():
        with quiet():
            from hwr_train.fitting.prepare import prepare_data
            from hwr_train.fitting.preview import write_preview
            from hwr_train.network.model import preset_named

        config = TrainConfig(
            data=text_of(data),
            preset=preset,
            seed=seed,
            made=rows,
            names=text_of(names),
            strokes=text_of(strokes),
            fonts=text_of(fonts),
            cut=rows if cut_by else 0,
            cut_by=text_of(cut_by),
        )
        data_of_run = prepare_data(config, preset_named(preset), runs / "cache")
        write_preview(data_of_run, runs / "preview.png", rows)
        print(f"preview: {runs / 'preview.png'}")
