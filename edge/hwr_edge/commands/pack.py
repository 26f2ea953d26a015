"""`hwr-edge pack`: many small images into a few tar shards."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hwr_edge.commands.console import ErrorReport, errors_reported, print_message


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("pack")(pack)


def pack(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="FOLDER...",
            help="Images: folders, files, patterns, or addresses such as s3://bucket/scans.",
        ),
    ],
    output: Annotated[
        str, typer.Option(metavar="SHARDS", help="Write shards to this folder or address.")
    ],
    labels: Annotated[
        Path | None,
        typer.Option(
            readable=False,
            metavar="FILE",
            help="CSV file with the columns FILENAME and IDENTITY. Add each label to its image.",
        ),
    ] = None,
    images: Annotated[
        int, typer.Option(min=1, metavar="N", help="Largest number of images in a shard.")
    ] = 1000,
    size: Annotated[
        int, typer.Option(min=1, max=4096, metavar="MIB", help="Largest size of a shard.")
    ] = 64,
) -> None:
    """Pack images into tar shards for `hwr-edge bulk` and for training.

    If the command is interrupted or killed, repeat it: finished shards are kept.

    Exit codes: 0 all images were packed; 1 an image could not be read; 2 wrong usage.
    """
    with errors_reported("interrupted; repeat the command to continue"):
        from hwr_edge.bulk.parts import find_all
        from hwr_edge.bulk.shards import pack as pack_all
        from hwr_edge.bulk.shards import read_labels

        errors = ErrorReport()
        said = read_labels(labels) if labels else {}
        given = find_all(inputs, output)
        for note in given.notes:
            errors.note(note)
        for problem in given.problems:
            errors.add(problem)
        shards = there = count = 0
        for packed in pack_all(given, output, said, images, size << 20, errors.add):
            shards += 1
            there += packed.there
            count += packed.images
        before = f", {there} were there" if there else ""
        print_message(f"{output}: {count} images packed; {shards} shards{before}")
        if errors.count:
            raise typer.Exit(1)
