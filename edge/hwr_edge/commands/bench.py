"""`hwr-edge bench`: measures how fast this machine reads."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from hwr_edge.commands.console import errors_reported, print_message
from hwr_edge.commands.options import Model
from hwr_edge.files import open_sink
from hwr_edge.image.sources import find
from hwr_edge.line.decoder import Decoder
from hwr_edge.results.cells import to_json


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("bench")(run_bench)


def run_bench(
    images: Annotated[
        list[str] | None,
        typer.Argument(metavar="[IMAGE]...", help="Images to read. Default: drawn ones."),
    ] = None,
    rounds: Annotated[
        int, typer.Option(min=1, metavar="N", help="How often to read each image.")
    ] = 20,
    threads: Annotated[
        int, typer.Option(min=1, max=256, metavar="N", help="Measure with 1, 2, 4 ... N threads.")
    ] = os.cpu_count() or 1,
    model: Model = None,
    decoder: Annotated[Decoder | None, typer.Option(help="Decoder, as in `hwr-edge file`.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure how fast this machine reads.

    Reports the time of each stage, readings a second, memory, and the time of a whole command.
    """
    with errors_reported():
        from hwr_edge.line.bench import bench
        from hwr_edge.line.recognizer import Recognizer

        sources = find(images or [])
        for problem in sources.problems:
            print_message(problem)
        if images and not sources.images:
            raise typer.Exit(1)
        result = bench(
            sources.images, rounds, threads, lambda n: Recognizer(model, n, decoder), print_message
        )
        with open_sink(None) as sink:
            sink.write(to_json(result.to_json()) + "\n" if as_json else result.to_text())
