"""`name-model`: makes a name model from lists of names."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hwr_edge.errors import DataError
from hwr_edge.folders import make_folder
from hwr_edge.line.charset import NAME_LETTERS
from hwr_edge.typed_path import TypedPath
from hwr_train.console import errors_reported


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("name-model")(make_name_model)


def make_name_model(
    lists: Annotated[
        list[str],
        typer.Argument(metavar="LIST[=SHARE]...", help="CSV files of NAME,COUNT, plain or .gz."),
    ],
    output: Annotated[Path, typer.Option(help="File to write.")] = Path("runs/name-model.npz"),
    letters: Annotated[
        str, typer.Option(help="Letters of the model that will use it.")
    ] = NAME_LETTERS,
    mend_by: Annotated[
        list[Path] | None,
        typer.Option(
            help="CSV of names of real people. Mistyped names of the other lists count as these."
        ),
    ] = None,
    contexts: Annotated[int, typer.Option(min=1, help="Number of contexts to keep.")] = 40_000,
    words: Annotated[
        int, typer.Option(min=0, help="Number of whole words to keep, the most frequent ones.")
    ] = 40_000,
) -> None:
    """Make a name model for the beam decoder from lists of names."""
    with errors_reported():
        from hwr_edge.line.charset import Charset
        from hwr_train.data.mistyped import correct_mistyped
        from hwr_train.name_model import build
        from hwr_train.synthetic.name_list import NameList

        try:
            charset = Charset(letters)
        except ValueError as error:
            raise DataError(f"--letters: {error}") from error
        bearers: dict[str, float] = {}
        for reference in mend_by or ():
            for name, count in NameList.read(reference, charset, power=1.0).odds.items():
                bearers[name] = bearers.get(name, 0.0) + count
        parts = []
        for given in lists:
            path, _, share = given.rpartition("=")
            path, share = (path, share) if path and _is_share(share) else (given, "1")
            names = NameList.read(TypedPath(path), charset, power=1.0)
            why = ", ".join(f"{n} {reason}" for reason, n in names.left_out.most_common())
            print(f"{path}: {len(names.names)} names" + (f"; rows left out: {why}" if why else ""))
            counts = names.odds
            if bearers and Path(path) not in (mend_by or ()):
                counts = correct_mistyped(counts, bearers)
                print(f"{path}: {len(names.names) - len(counts)} mistyped names count as others")
            parts.append((counts, float(share)))
        model = build(parts, letters, contexts, words)
        make_folder(output.parent)
        model.save(output)
        listed = 0 if model.words is None else len(model.words.hashes)
        print(
            f"{output}: {len(model.keys)} contexts, {listed} words, {output.stat().st_size:,} bytes"
        )


def _is_share(text: str) -> bool:
    try:
        return 0 < float(text) < float("inf")
    except ValueError:
        return False
