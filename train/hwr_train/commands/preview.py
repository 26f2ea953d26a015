"""Commands of the training side: python -m hwr_train train | preview | evaluate | name-model | draw."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import fields, replace
from itertools import count
from pathlib import Path
from typing import Annotated, Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import typer

from hwr_edge.errors import DataError, HwrError
from hwr_edge.files import cannot_write, make_folder
from hwr_edge.line.charset import NAME_LETTERS
from hwr_edge.line.decoder import Decoder
from hwr_edge.native import quiet
from hwr_train.config import TrainConfig
from hwr_train.console import errors_reported

EPOCHS_WHEN_ALONE = 8
EPOCHS_FOR_EXTRA = 4

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)

_HOW_TO_GET_DATA = """\
No DATA was given: names are drawn by this program. They show that the whole path runs; a model
that reads real forms needs real names. Get "Handwriting Recognition" (landlord) from Kaggle,
unpack it, and run: make train DATA=its-folder"""

Seed = Annotated[int, typer.Option(min=0, max=2**32 - 1)]
Data = Annotated[Path | None, typer.Option(help="folder with the public layout")]


@app.command()
def train(
    context: typer.Context,
    data: Data = None,
    preset: Annotated[str | None, typer.Option(help="edge, baseline or tiny; default edge")] = None,
    epochs: Annotated[int | None, typer.Option(min=1)] = None,
    batch: Annotated[int | None, typer.Option(min=1)] = None,
    learning_rate: Annotated[float | None, typer.Option(min=1e-9)] = None,
    seed: Seed = 0,
    charset: Annotated[
        str | None, typer.Option(help="letters to learn; default: the data's")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="at most so many rows a split")] = None,
    fraction: Annotated[float, typer.Option(min=1e-6, max=1.0)] = 1.0,
    made: Annotated[int, typer.Option(min=0, help="made names an epoch beside the real")] = 0,
    names: Annotated[Path | None, typer.Option(help="CSV of NAME,COUNT for made names")] = None,
    names_power: Annotated[
        float, typer.Option(min=0, max=1, help="of the counts: 1 makes rare names rare")
    ] = TrainConfig.names_power,
    names_shuffled: Annotated[
        float, typer.Option(min=0, max=1, help="share of made names with their letters shuffled")
    ] = TrainConfig.names_shuffled,
    strokes: Annotated[Path | None, typer.Option(help="letters.jsonl.gz of pen strokes")] = None,
    fonts: Annotated[
        Path | None, typer.Option(help="folder of handwriting fonts: .woff2, .ttf, .otf")
    ] = None,
    cut: Annotated[int, typer.Option(min=0, help="names an epoch from pieces of real crops")] = 0,
    cut_by: Annotated[
        Path | None, typer.Option(help=".keras file that finds the letters to cut")
    ] = None,
    extra: Annotated[
        list[Path] | None,
        typer.Option(help="more training rows: a folder with labels.csv and images/; repeatable"),
    ] = None,
    fold: Annotated[
        str | None, typer.Option(help="1/2: leave out the first of two parts, for --doubt-by")
    ] = None,
    relabel: Annotated[
        Path | None, typer.Option(help="CSV of FILENAME,CHANGE: training labels found wrong")
    ] = None,
    checked: Annotated[
        str | None,
        typer.Option(help="CSV of checked labels; {split} in its name stands for the split"),
    ] = None,
    doubt_by: Annotated[
        list[Path] | None,
        typer.Option(help=".keras file; labels it finds wrong are left out; repeatable"),
    ] = None,
    init: Annotated[Path | None, typer.Option(help=".keras file to start from")] = None,
    agreement: Annotated[
        float, typer.Option(min=0, help="learn from two views of a name that should agree: 0.2")
    ] = TrainConfig.agreement,
    workers: Annotated[int, typer.Option(min=1, help="threads that draw names")] = 2,
    processes: Annotated[
        int, typer.Option(min=0, help="processes that draw names instead, to feed a GPU")
    ] = 0,
    filename_column: str = TrainConfig.filename_column,
    identity_column: str = TrainConfig.identity_column,
    csv_pattern: str = TrainConfig.csv_pattern,
    folder_pattern: str = TrainConfig.folder_pattern,
    runs: Path = Path("runs"),
    resume: Annotated[
        Path | None,
        typer.Option(help="go on in this run's folder; --epochs plans its end anew, --extra adds"),
    ] = None,
) -> None:
    """Train a model; everything about it goes into a folder of its own under RUNS."""
    given: dict[str, Any] = {name: _plain(value) for name, value in locals().items()}
    folder: Path | None = None

    def interrupted() -> str:
        if folder is None or not (folder / "config.json").is_file():
            return "interrupted; nothing was written"
        return f"interrupted; go on with RESUME={folder}"

    with errors_reported(interrupted):
        with quiet():  # what TensorFlow says of missing GPUs
            from hwr_train.fitting.fit import train as run

        if resume is not None:
            config, folder = _resumed(context, resume, epochs, extra or ()), resume
        else:
            given["extra"] = tuple(map(str, extra or ()))
            given["doubt_by"] = tuple(map(str, doubt_by or ()))
            given["preset"] = preset or TrainConfig.preset
            given["epochs"] = epochs or (None if data or preset else EPOCHS_WHEN_ALONE)
            config = TrainConfig(**{f.name: given[f.name] for f in fields(TrainConfig)})
            folder = new_folder(runs, config.preset)
        if config.data is None:
            print(_HOW_TO_GET_DATA, flush=True)
        print(f"run: {folder}", flush=True)
        try:
            print(f"best: {run(config, folder).line()}")
        except HwrError:
            if resume is None:
                _remove_what_never_began(folder)
            raise


@app.command()
def average(
    weights: Annotated[list[Path], typer.Argument(help=".keras files of one network, two or more")],
    runs: Annotated[Path, typer.Option(help="folder of all runs")] = Path("runs"),
) -> None:
    """Average the weights of runs that came from one another, as a new run that can be quantized."""
    with errors_reported():
        with quiet():
            from hwr_train.network.average import average as average_weights

        folder = new_folder(runs, "average")
        try:
            print(f"average of {len(weights)}: {average_weights(weights, folder)}")
        except HwrError:
            _remove_what_never_began(folder)
            raise


@app.command()
def preview(
    data: Data = None,
    names: Annotated[Path | None, typer.Option(help="CSV of NAME,COUNT for made names")] = None,
    strokes: Annotated[Path | None, typer.Option(help="letters.jsonl.gz of pen strokes")] = None,
    fonts: Annotated[
        Path | None, typer.Option(help="folder of handwriting fonts: .woff2, .ttf, .otf")
    ] = None,
    cut_by: Annotated[
        Path | None, typer.Option(help=".keras file that finds the letters to cut")
    ] = None,
    preset: str = TrainConfig.preset,
    rows: Annotated[int, typer.Option(min=1, help="names a column")] = 24,
    seed: Seed = 0,
    runs: Path = Path("runs"),
) -> None:
    """Show real crops and made names side by side as RUNS/preview.png. Real ones: keep it there."""
    with errors_reported():
        with quiet():
            from hwr_train.fitting.fit import prepare
            from hwr_train.fitting.preview import write_preview
            from hwr_train.network.model import preset_named

        config = TrainConfig(
            data=_text(data),
            preset=preset,
            seed=seed,
            made=rows,
            names=_text(names),
            strokes=_text(strokes),
            fonts=_text(fonts),
            cut=rows if cut_by else 0,
            cut_by=_text(cut_by),
        )
        sources = prepare(config, preset_named(preset), runs / "cache")
        write_preview(sources, runs / "preview.png", rows)
        print(f"preview: {runs / 'preview.png'}")


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _resumed(
    context: typer.Context, folder: Path, epochs: int | None, extra: Sequence[Path]
) -> TrainConfig:
    """The run's own configuration; --epochs and --extra alone may change it."""
    typed = {f.name for f in fields(TrainConfig) if _was_typed(context, f.name)}
    if strangers := typed - {"epochs", "extra"}:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in sorted(strangers))
        raise DataError(f"a resumed run keeps its configuration; leave out {options}")
    config = TrainConfig.load(folder / "config.json")
    both = tuple(dict.fromkeys([*config.extra, *map(str, extra)]))
    if epochs is None and extra:
        from hwr_train.fitting.checkpoints import RunState

        state = RunState.load(folder)
        if both != config.extra or state.epoch >= (config.epochs or 0):
            epochs = state.epoch + EPOCHS_FOR_EXTRA
    return replace(config, epochs=epochs or config.epochs, extra=both)


def _was_typed(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def new_folder(runs: Path, preset: str) -> Path:
    """A new folder, called by the time and the preset.

    Raises:
        OutputError: it cannot be made.
    """
    make_folder(runs)
    stem = f"{time.strftime('%Y%m%d-%H%M%S')}-{preset}"
    for number in count(1):
        folder = runs / (stem if number == 1 else f"{stem}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:  # another run's, that began in this second
            continue
        except OSError as error:
            raise cannot_write(folder, error) from error
        return folder
    raise AssertionError


def _remove_what_never_began(folder: Path) -> None:
    """Of a run that failed before its first epoch there is nothing to go on with."""
    if not (folder / "state.json").exists():
        for path in (folder / "config.json", *folder.glob("cleaning-*.json")):
            path.unlink(missing_ok=True)
        with suppress(OSError):  # something else lies there
            folder.rmdir()


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Path) else value


@app.command()
def evaluate(
    data: Annotated[Path, typer.Option(help="folder with the public layout")],
    model: Annotated[Path, typer.Option(help=".tflite or .keras")] = Path(
        "models/names-int8.tflite"
    ),
    split: str = "test",
    limit: Annotated[int | None, typer.Option(min=1)] = None,
    filename_column: str = TrainConfig.filename_column,
    identity_column: str = TrainConfig.identity_column,
    csv_pattern: str = TrainConfig.csv_pattern,
    folder_pattern: str = TrainConfig.folder_pattern,
    output: Annotated[Path | None, typer.Option(help="folder for the report")] = None,
    decoder: Decoder = Decoder.GREEDY,
    name_model: Annotated[
        Path | None, typer.Option(help="for the beam; default: the shipped one")
    ] = None,
    checked: Annotated[
        str | None,
        typer.Option(
            help="CSV of checked labels, {split} in its name stands for the split: count against what is written, too"
        ),
    ] = None,
    log: Annotated[Path | None, typer.Option(help="log.csv of the model's run")] = None,
    runs: Path = Path("runs"),
) -> None:
    """Measure a model on a split: CER and exact names with their 95 % intervals."""
    with errors_reported(), quiet():
        from hwr_train.data.checked import checked_path, read_checked
        from hwr_train.measuring.evaluate import evaluate as measure
        from hwr_train.measuring.evaluate import write_evaluation
        from hwr_train.measuring.report import read_log, write_report

        config = TrainConfig(
            data=str(data),
            limit=limit,
            filename_column=filename_column,
            identity_column=identity_column,
            csv_pattern=csv_pattern,
            folder_pattern=folder_pattern,
        )
        if name_model and decoder is not Decoder.BEAM:
            raise DataError("--name-model is for --decoder beam")
        epochs = read_log(log) if log else ()  # read first: measuring takes minutes
        table = checked_path(checked, split) if checked else None
        written = read_checked(table) if table else None
        folder = (
            output
            or runs / f"evaluate-{_said(model)}-{data.resolve().name}-{split}-{decoder.value}"
        )
        make_folder(folder)
        found = measure(model, config, split, decoder, name_model, written)
        write_evaluation(found, folder)
        write_report(found, folder / "report.html", epochs)
        print(f"{found.to_text()}\nreport, figures and readings: {folder}")


def _said(model: Path) -> str:
    """A model's name for a folder, with its run's where it lies in one."""
    return f"{model.resolve().parent.name}-{model.name}"


@app.command("name-model")
def make_name_model(
    lists: Annotated[
        list[str],
        typer.Argument(metavar="LIST[=SHARE]...", help="CSVs of NAME,COUNT, plain or .gz"),
    ],
    output: Annotated[Path, typer.Option(help="where it goes")] = Path("runs/name-model.npz"),
    letters: Annotated[str, typer.Option(help="of the model it is for")] = NAME_LETTERS,
    contexts: Annotated[int, typer.Option(min=1, help="how many are kept")] = 40_000,
) -> None:
    """Make a name model for beam decoding from lists of names."""
    with errors_reported():
        from hwr_edge.line.charset import Charset
        from hwr_train.name_model import build
        from hwr_train.synthetic.name_list import NameList

        try:
            charset = Charset(letters)
        except ValueError as error:
            raise DataError(f"--letters: {error}") from error
        parts = []
        for given in lists:
            path, _, share = given.rpartition("=")
            path, share = (path, share) if path and _is_share(share) else (given, "1")
            names = NameList.read(Path(path), charset, power=1.0)
            why = ", ".join(f"{n} {reason}" for reason, n in names.left_out.most_common())
            print(f"{path}: {len(names.names)} names" + (f"; rows left out: {why}" if why else ""))
            parts.append((names.odds, float(share)))
        model = build(parts, letters, contexts)
        make_folder(output.parent)
        model.save(output)
        print(f"{output}: {len(model.keys)} contexts, {output.stat().st_size:,} bytes")


def _is_share(text: str) -> bool:
    try:
        return 0 < float(text) < float("inf")
    except ValueError:
        return False


@app.command()
def draw(
    folder: Annotated[Path, typer.Argument(help="where the images go")],
    texts: Annotated[
        list[str] | None, typer.Argument(help="names to draw; default: made ones")
    ] = None,
    count: Annotated[int, typer.Option(min=1, help="how many made names")] = 10,
    seed: Seed = 0,
    strokes: Annotated[Path | None, typer.Option(help="letters.jsonl.gz of pen strokes")] = None,
    data: Annotated[
        bool, typer.Option(help="write the public data layout, all three splits")
    ] = False,
) -> None:
    """Draw name fields as images, for examples and tries; no data is needed."""
    with errors_reported():
        from hwr_train.synthetic.draw import draw_dataset, draw_images

        if data:
            draw_dataset(folder, count, seed, strokes)
        else:
            draw_images(folder, texts or None, count, seed, strokes)


def main() -> None:
    """Run the command line; never returns."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that drafts are removed
    app(prog_name="python -m hwr_train")


if __name__ == "__main__":
    main()
