"""Train the network that tells handwriting from print: python -m hwr_train.line_kinds."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import typer

from hwr_edge.folders import make_folder
from hwr_edge.native import quiet
from hwr_train.console import errors_reported

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    run: Annotated[Path, typer.Argument(help="Output folder. Windows in it are reused.")],
    pages: Annotated[
        list[Path] | None,
        typer.Option(help="Folder of printed pages with their texts. Repeat it for more."),
    ] = None,
    check: Annotated[
        list[Path] | None, typer.Option(help="Likewise, to measure with. Repeat it for more.")
    ] = None,
    data: Annotated[Path | None, typer.Option(help="Name crops in the public layout.")] = None,
    crops: Annotated[
        list[Path] | None,
        typer.Option(help="Folder of handwriting: labels.csv and images/. Repeat it for more."),
    ] = None,
    held_out: Annotated[
        str, typer.Option(help="Regular expression: writers of --crops to measure with.")
    ] = "(3|^25|^26|^27|^28|^29)$",
    fonts: Annotated[Path | None, typer.Option(help="Folder of handwriting fonts.")] = None,
    strokes: Annotated[Path | None, typer.Option(help="letters.jsonl.gz of pen strokes.")] = None,
    most: Annotated[
        int, typer.Option(min=1, help="Use at most this many crops of each folder.")
    ] = 3000,
    made: Annotated[int, typer.Option(min=0, help="Number of synthetic lines.")] = 4000,
    epochs: Annotated[int, typer.Option(min=1)] = 24,
    start: Annotated[Path | None, typer.Option(help="Start from this line-kinds.keras.")] = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    jobs: Annotated[int, typer.Option(min=1, help="Processes that gather windows.")] = 1,
) -> None:
    """Gather windows of lines, train, choose the threshold, measure on what was held out."""
    with errors_reported():
        with quiet():
            from hwr_train.line_kinds.fit import of_lines, rates, threshold, train
        from hwr_train.line_kinds.collect import Sources, gathered_once
        from hwr_train.line_kinds.windows import parted
        from hwr_train.network.artifact import load_model, save_model

        make_folder(run)
        rest = (data, tuple(crops or ()), held_out, fonts, strokes)
        learn = Sources(tuple(pages or ()), *rest, most, made)
        windows = gathered_once(run / "learn.npz", learn, False, seed, print, jobs)
        learnt, chosen = parted(windows)
        model = train(learnt, epochs, seed, print, load_model(start) if start else None)
        save_model(model, run / "line-kinds.keras")
        lines = of_lines(chosen, model.predict(chosen.images[..., None], verbose=0))
        least = threshold(*lines)
        found = {"least": least, "chosen_with": rates(*lines, least).line()}
        print(f"least {least}: {found['chosen_with']}")
        held = Sources(tuple(check or ()), *rest, max(1, most // 4), made // 4)
        checked = gathered_once(run / "check.npz", held, True, seed, print, jobs)
        lines = of_lines(checked, model.predict(checked.images[..., None], verbose=0))
        found["held_out"] = rates(*lines, least).line()
        print(f"held out: {found['held_out']}")
        (run / "line-kinds.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    app()
