"""The command line; it and `console` are the only places that print or exit.

Exit status: 0 all was read; 1 something could not be read or written, each named on stderr;
2 the command was typed wrongly; 130 Ctrl-C; 141 the reader of our output went away.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from copy import copy
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer
from typer.core import TyperCommand

from hwr_edge import __version__
from hwr_edge.console import Complaints, complain, errors_told, stdout_failed
from hwr_edge.decoder import Decoder
from hwr_edge.errors import OutputError, RuntimeMissing
from hwr_edge.output import Sink, answers_beside, open_growing, open_sink, part_of
from hwr_edge.progress import Progress
from hwr_edge.rows import LAYOUTS, FormTable, Layout, NameOnly, Row, to_json
from hwr_edge.shape import Shape
from hwr_edge.sources import STDIN, Found, find

if TYPE_CHECKING:
    from hwr_edge.annotate import Annotator
    from hwr_edge.camera.frames import Area
    from hwr_edge.camera.server import LiveView
    from hwr_edge.document import Unit
    from hwr_edge.review.answers import Answers
    from hwr_edge.review.results import Results
    from hwr_edge.scan import Scanner

app = typer.Typer(
    help="Reads handwritten names offline.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


class Format(StrEnum):
    """How rows are printed; the values are the keys of LAYOUTS."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"


class CameraFormat(StrEnum):
    """How `camera` prints names."""

    TEXT = "text"
    JSONL = "jsonl"


class OptionalValue(TyperCommand):
    """Lets --serve stand without its value, which Typer's options cannot."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the default after a bare --serve."""
        for place, found in enumerate(args):
            if found == "--serve" and (args[place + 1 :] or ["-"])[0].startswith("-"):
                args = [*args[: place + 1], _SERVE, *args[place + 1 :]]
        return super().parse_args(ctx, args)


_SERVE = "127.0.0.1:8481"

Model = Annotated[
    Path | None,
    typer.Option(
        "--model", metavar="FILE", help="Model file; else HWR_EDGE_MODEL, else the shipped one."
    ),
]


@app.callback(invoke_without_command=True)
def options(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Reads handwritten names offline."""
    if version:
        with errors_told(), open_sink(None) as sink:
            sink.write(f"hwr-edge {__version__}\n")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), err=True)
        raise typer.Exit(2)


@app.command("file")
def read_files(
    images: Annotated[
        list[str],
        typer.Argument(
            metavar="IMAGE...",
            help="Crops of one line, pages, PDFs: files, folders, patterns, or - for standard input.",
        ),
    ],
    shape: Annotated[
        Shape | None,
        typer.Option("--layout", help="What pictures show; by itself told by the picture."),
    ] = None,
    form: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Read the fields of filled forms: a template of `form`."),
    ] = None,
    layout: Annotated[Format, typer.Option("--format", help="How rows are printed.")] = Format.TEXT,
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write there, whole or not at all; FILE.part until then."
        ),
    ] = None,
    model: Model = None,
    decoder: Annotated[
        Decoder | None,
        typer.Option(help="How letters become a name; by itself the beam, where it can."),
    ] = None,
    name_model: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="How names are spelt, for the beam; else the shipped."),
    ] = None,
    top: Annotated[
        int, typer.Option(min=0, max=12, metavar="K", help="Also print K alternatives.")
    ] = 0,
    roster: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Names that may be written: one a line, or a .csv."),
    ] = None,
    roster_column: Annotated[
        str | None, typer.Option(metavar="HEADING", help="The roster's column with the names.")
    ] = None,
    accept: Annotated[
        float | None,
        typer.Option(
            min=0.0, max=1.0, metavar="P", help="Mark what is right with less probability than P."
        ),
    ] = None,
    threads: Annotated[int, typer.Option(min=1, metavar="N", help="Processor threads.")] = 1,
    jobs: Annotated[
        int, typer.Option(min=1, max=64, metavar="N", help="Pictures read at the same time.")
    ] = 1,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with an interrupted run to the same --output.")
    ] = False,
    annotate: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write the pictures there with their readings drawn on."),
    ] = None,
) -> None:
    """Read names: of crops of one line, of whole pages, of filled forms.

    Prints the names alone for one picture; for several, or with a roster or --accept, a row each:
    path, name, confidence, then the roster's name ("-" for none of these) and its confidence, and
    "review". A crop gives one row also when nothing is written there; a page gives its names. With
    --form and --format csv a row is a form, with a column for each field. Exit status: 0 all were
    read, 1 some could not be or a name of the roster cannot be used, 2 the command was typed wrongly.
    """
    grows = output is not None and layout is not Format.JSON
    go_on = "; the same command with --resume goes on" if grows else ""
    with errors_told(f"interrupted{go_on}"):
        if form and shape:
            raise typer.BadParameter("--form and --layout exclude each other")
        reading = _settings(model, threads, decoder, name_model, top, roster, roster_column, accept)
        found = find(images, leave_out=annotate)
        look = Look(shape, form)
        job = Job(found, layout.value, output, reading, look, annotate, jobs, resume, roster)
        _check(job, images)
        if not _read(job):
            raise typer.Exit(1)


forms = typer.Typer(help="Make a template of a form, for `file --form`.", rich_markup_mode=None)
app.add_typer(forms, name="form")


@forms.callback()
def form_options() -> None:
    """Make a template of a form, for `file --form`."""


@forms.command("new")
def make_form(
    image: Annotated[
        str, typer.Argument(metavar="IMAGE", help="The form, empty: a scan, or a PDF's first page.")
    ],
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The template; else IMAGE's name, as .toml.")
    ] = None,
    fields: Annotated[
        str | None,
        typer.Option(metavar="A,B,...", help="Names of the first fields, in reading order."),
    ] = None,
) -> None:
    """Propose where a form is filled in: FILE.toml, to be corrected by hand.

    Beside it FILE.png, the form laid flat, and FILE-fields.png, which shows the fields.
    """
    with errors_told():
        from hwr_edge.document import Document
        from hwr_edge.newform import new_form

        if output and output.suffix != ".toml":
            raise typer.BadParameter("a template's name ends in .toml", param_hint="--output")
        names = [name.strip() for name in fields.split(",")] if fields else []
        grey = Document(image).grey()
        path = output or Path("form" if image == STDIN else Path(image).stem).with_suffix(".toml")
        form = new_form(grey, path, names)
        shown = path.with_name(f"{path.stem}-fields.png")
        typer.echo(f"{path}: {len(form.fields)} fields, shown in {shown}", err=True)


@app.command("review")
def review_results(
    results: Annotated[
        Path, typer.Argument(metavar="RESULTS", help="What `file --format jsonl` wrote.")
    ],
    export: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the names with all answers there, as CSV."),
    ] = None,
    corrections: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write the answered pictures there, to train with."),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 for any that is free.")] = 8480,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
) -> None:
    """Look at doubtful readings in a page of this machine, and correct them.

    Answers are saved at once, in RESULTS.answers.jsonl beside the results. With --export or
    --corrections no page is served: they write what was answered so far.
    """
    with errors_told():
        from hwr_edge.review.answers import Answers
        from hwr_edge.review.results import read_results

        found = read_results(results)
        if export is None and corrections is None:
            with Answers(found) as answers:
                _serve(found, answers, port, browser)
            return
        pictures = (found.picture(place) for place in range(len(found.rows)))
        _refuse_inputs(export, "--export", [results, answers_beside(results), *pictures])
        if not _hand_out(found, export, corrections):
            raise typer.Exit(1)


@app.command("camera", cls=OptionalValue)
def read_camera(
    source: Annotated[
        str,
        typer.Option(
            metavar="SOURCE",
            help="auto, pi, a camera's number, a URL, a video file, or a folder of frames.",
        ),
    ] = "auto",
    roi: Annotated[
        str | None,
        typer.Option(metavar="X,Y,W,H", help="The part to look at, in pixels; else all."),
    ] = None,
    layout: Annotated[
        CameraFormat, typer.Option("--format", help="How names are printed.")
    ] = CameraFormat.TEXT,
    log: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Append names there: .csv or .jsonl.")
    ] = None,
    save_crops: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep a picture of each name there.")
    ] = None,
    on_name: Annotated[
        str | None,
        typer.Option(metavar="CMD", help="Run for each name, with HWR_EDGE_NAME; no shell."),
    ] = None,
    serve: Annotated[
        str | None,
        typer.Option(
            metavar="[HOST:PORT]", help="Show a page with picture and names; 127.0.0.1:8481."
        ),
    ] = None,
    fps: Annotated[
        float | None,
        typer.Option(min=0.1, max=1000, metavar="N", help="Frames a second of a recording."),
    ] = None,
    focus: Annotated[
        float | None,
        typer.Option(min=0, metavar="D", help="Pi: fixed focus, dioptres; else autofocus."),
    ] = None,
    exposure: Annotated[
        float | None,
        typer.Option(min=0.01, metavar="MS", help="Pi: fixed exposure, milliseconds."),
    ] = None,
    model: Model = None,
    decoder: Annotated[Decoder | None, typer.Option(help="As for `file`.")] = None,
    name_model: Annotated[Path | None, typer.Option(metavar="FILE", help="As for `file`.")] = None,
    top: Annotated[int, typer.Option(min=0, max=12, metavar="K", help="As for `file`.")] = 0,
    roster: Annotated[Path | None, typer.Option(metavar="FILE", help="As for `file`.")] = None,
    roster_column: Annotated[
        str | None, typer.Option(metavar="HEADING", help="As for `file`.")
    ] = None,
    accept: Annotated[
        float | None, typer.Option(min=0.0, max=1.0, metavar="P", help="As for `file`.")
    ] = None,
    threads: Annotated[int, typer.Option(min=1, metavar="N", help="Processor threads.")] = 1,
) -> None:
    """Watch a camera; print the name on each sheet that is laid down.

    A live camera is watched until Ctrl-C; lost, it is opened again until it is back. A recording is
    read to its end. Exit status: 0 all is well, 1 something could not be read or written.
    """
    with errors_told(), open_sink(None) as sink:
        area = _area(roi)
        from hwr_edge.recognizer import Recognizer

        settings = _settings(
            model, threads, decoder, name_model, top, roster, roster_column, accept
        )
        recognizer = Recognizer(*settings)
        from hwr_edge.camera.command import Outputs, run_camera
        from hwr_edge.camera.pi import PiSettings
        from hwr_edge.camera.pick import pick_source

        problems = Complaints()
        screen = partial(_screen, serve) if serve else None
        for problem in recognizer.roster.problems if recognizer.roster else []:
            problems.add(problem)
        found = pick_source(source, fps, PiSettings(focus, exposure), complain, problems.add)
        as_json = layout is CameraFormat.JSONL
        outputs = Outputs(sink.write, problems.add, as_json, log, save_crops, on_name)
        try:
            run_camera(found, recognizer, area, outputs, screen)
        except (KeyboardInterrupt, SystemExit):
            if not problems.count:
                raise
        if problems.count:  # also of a run that somebody stopped
            raise typer.Exit(1)


@app.command("bench")
def run_bench(
    images: Annotated[
        list[str] | None,
        typer.Argument(metavar="[IMAGE]...", help="Pictures to read; by itself made ones."),
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="How often each is read.")] = 20,
    threads: Annotated[
        int, typer.Option(min=1, metavar="N", help="Rates for 1, 2, 4 ... N threads.")
    ] = os.cpu_count() or 1,
    model: Model = None,
    decoder: Annotated[Decoder | None, typer.Option(help="As for `file`.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure how fast this machine reads: each stage, threads, memory, cold start."""
    with errors_told():
        from hwr_edge.bench import bench
        from hwr_edge.recognizer import Recognizer

        found = find(images or [])
        for problem in found.problems:
            complain(problem)
        if images and not found.images:
            raise typer.Exit(1)
        result = bench(
            found.images, rounds, threads, lambda n: Recognizer(model, n, decoder), complain
        )
        with open_sink(None) as sink:
            sink.write(to_json(asdict(result)) + "\n" if as_json else result.to_text())


@app.command("info")
def show_info(
    model: Model = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Print the model's card and the runtime in use."""
    with errors_told():
        from hwr_edge.recognizer import Recognizer

        recognizer = Recognizer(model)
        facts = {
            "program": f"hwr-edge {__version__}",
            "runtime": recognizer.runtime.name,
            "model": str(recognizer.path),
            "decoder": recognizer.decoder.value,
            "card": asdict(recognizer.card),
        }
        with open_sink(None) as sink:
            sink.write(to_json(facts) + "\n" if as_json else "".join(_lines(facts)))


def main() -> None:
    """Run the command line; never returns."""
    try:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that drafts are removed
        if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # a terminal that is closed
            signal.signal(signal.SIGHUP, lambda *_: sys.exit(129))
        _app_for(sys.argv[1:])(prog_name="hwr-edge")
    except KeyboardInterrupt:
        complain("interrupted")
        sys.exit(130)
    except OSError as error:  # the help is printed by Typer itself
        stdout_failed(error)
        sys.exit(1)


def _app_for(arguments: list[str]) -> typer.Typer:
    """The program with the command that is asked for alone, where there is one: building all takes 10 ms."""
    asked = [command for command in app.registered_commands if command.name in arguments[:1]]
    if not asked:
        return app
    alone = copy(app)
    alone.registered_commands, alone.registered_groups = asked, []
    return alone


def _area(roi: str | None) -> Area | None:
    """What --roi says.

    Raises:
        typer.BadParameter: it is not four whole numbers, or the part is empty.
    """
    if roi is None:
        return None
    from hwr_edge.camera.frames import Area

    try:
        area = Area(*(int(part) for part in roi.split(",")))
    except (TypeError, ValueError):
        area = Area(0, 0, 0, 0)
    if min(area.x, area.y) < 0 or min(area.width, area.height) < 1:
        raise typer.BadParameter(f"{roi}: give x,y,width,height in pixels", param_hint="--roi")
    return area


@contextmanager
def _screen(asked: str) -> Iterator[LiveView]:
    """The live view, with its address told."""
    try:
        from hwr_edge.camera.server import LiveView
    except ModuleNotFoundError as error:
        raise _no_bottle("--serve") from error
    with LiveView(asked) as view:
        typer.echo(f"live view: {view.address}", err=True)
        yield view


def _no_bottle(what: str) -> RuntimeMissing:
    return RuntimeMissing(
        f"{what} needs the package bottle: install hwr-edge with its extra web, or pip install bottle"
    )


def _serve(results: Results, answers: Answers, port: int, browser: bool) -> None:
    """Serve the page until Ctrl-C."""
    try:
        from hwr_edge.review.server import open_server
    except ModuleNotFoundError as error:
        raise _no_bottle("the review page") from error
    try:
        server, address = open_server(results, answers, port)
    except OSError as error:
        raise OutputError(
            f"port {port} cannot be opened ({error.strerror}); take another with --port"
        ) from error
    typer.echo(f"review: {address}\nanswers: {answers.path}\nCtrl-C ends it.", err=True)
    from hwr_edge.review.browser import open_page

    with server, open_page(address) if browser else nullcontext(), suppress(KeyboardInterrupt):
        server.serve_forever()
    given = len(answers.given())
    typer.echo(f"{given} of {len(results.rows)} answered; see --export", err=True)


def _hand_out(results: Results, export: Path | None, corrections: Path | None) -> bool:
    """Write what was answered so far; False where a picture is gone."""
    from hwr_edge.review.answers import answers_so_far
    from hwr_edge.review.export import write_corrections, write_table

    given = answers_so_far(results)
    problems: list[str] = []
    if export:
        write_table(export, results, given)
        typer.echo(f"{export}: {len(results.rows)} names, {len(given)} answered", err=True)
    if corrections:
        count, problems = write_corrections(corrections, results, given)
        rest = len(given) - count - len(problems)
        more = f"; {rest} answers without a name left out" if rest else ""
        typer.echo(f"{corrections}: {count} training rows{more}", err=True)
    for problem in problems:
        complain(problem)
    return not problems


class Settings(NamedTuple):
    """What a Recognizer is made with, in its order."""

    model: Path | None
    threads: int
    decoder: Decoder | None
    name_model: Path | None
    top: int
    roster: list[str] | None
    accept: float | None


def _settings(
    model: Path | None,
    threads: int,
    decoder: Decoder | None,
    name_model: Path | None,
    top: int,
    roster: Path | None,
    roster_column: str | None,
    accept: float | None,
) -> Settings:
    """What the options say, with the roster read; typer.BadParameter where they do not go together."""
    if decoder is Decoder.GREEDY and (name_model or (top and not roster)):
        raise typer.BadParameter("--top and --name-model need the beam decoder")
    if roster_column is not None and roster is None:
        raise typer.BadParameter("--roster-column needs --roster")
    names = None
    if roster:
        from hwr_edge.rosterfile import read_roster

        names = read_roster(roster, roster_column)
    return Settings(model, threads, decoder, name_model, top, names, accept)


class Look(NamedTuple):
    """What a Scanner looks for, in its order."""

    shape: Shape | None
    form: Path | None


def _scanner(reading: Settings, look: Look) -> Scanner:
    from hwr_edge.recognizer import Recognizer
    from hwr_edge.scan import Scanner

    return Scanner(Recognizer(*reading), *look)


@dataclass(frozen=True)
class Job:
    """What `file` is to do."""

    found: Found
    layout: str
    output: Path | None
    reading: Settings
    look: Look
    annotate: Path | None
    jobs: int
    resume: bool
    roster_file: Path | None

    def make_layout(self, pictures: int) -> Layout:
        """The names alone for one picture, if nothing else was asked for; else the layout that was."""
        matched, reviewed = self.reading.roster is not None, self.reading.accept is not None
        if self.layout == "text" and pictures == 1 and not (matched or reviewed):
            return NameOnly()
        if self.layout == "csv" and self.look.form:
            from hwr_edge.form import read_form

            fields = [field.name for field in read_form(self.look.form).fields]
            return FormTable(fields, matched, reviewed)
        return LAYOUTS[self.layout]()


def _refuse_inputs(output: Path | None, option: str, inputs: Iterable[Path | str]) -> None:
    """Raise typer.BadParameter where what is to be written is one of the files to be read."""
    out = os.path.realpath(output) if output else None
    if out and any(os.path.realpath(path) == out for path in inputs):
        raise typer.BadParameter(f"{output} is one of the files that are read", param_hint=option)


def _check(job: Job, arguments: list[str]) -> None:
    """Raise typer.BadParameter for what can never be meant."""
    if arguments.count(STDIN) > 1:
        raise typer.BadParameter("standard input (-) can be read only once")
    if job.jobs > 1 and STDIN in job.found.images and len(job.found.images) > 1:
        raise typer.BadParameter("standard input (-) cannot be read by several --jobs")
    images = [image for image in job.found.images if image != STDIN]
    read = [job.reading.model, job.reading.name_model, job.roster_file, job.look.form, *images]
    _refuse_inputs(job.output, "--output", filter(None, read))
    if job.output and (answers := answers_beside(job.output)).exists():
        raise typer.BadParameter(
            f"{answers} holds a review of what is there: export it, and move both away, first",
            param_hint="--output",
        )
    if job.resume and (job.output is None or job.layout == "json"):
        raise typer.BadParameter("--resume needs --output, and --format text, jsonl or csv")


def _read(job: Job) -> bool:
    """Read and print everything; False where something could not be read."""
    from hwr_edge.batch import units

    early = Complaints()
    everything = list(units(job.found.images, early.add))
    layout = job.make_layout(len(everything))
    done = _done(job, layout) if job.resume else None
    found = [unit for unit in everything if unit.label not in (done or ())]
    scanner = _scanner(job.reading, job.look) if found else None
    annotator = _annotator(job, everything) if job.annotate else None
    with _sink(job) as sink, Progress(len(found), job.output) as progress:
        complaints = Complaints(progress)
        roster = scanner.recognizer.roster if scanner else None
        for problem in (*job.found.problems, *(roster.problems if roster else [])):
            complaints.add(problem)
        if done is None:
            sink.write(layout.head())
        if scanner:
            for rows in progress.over(_rows(job, found, scanner, complaints, annotator)):
                sink.write(layout.rows(rows))
        sink.write(layout.tail())
    return early.count + complaints.count == 0


def _annotator(job: Job, units: Sequence[Unit]) -> Annotator:
    from hwr_edge.annotate import Annotator

    assert job.annotate
    return Annotator(job.annotate, job.found.images, units)


def _rows(
    job: Job,
    found: Sequence[Unit],
    scanner: Scanner,
    complaints: Complaints,
    annotator: Annotator | None,
) -> Iterator[list[Row]]:
    from hwr_edge.batch import read_all, read_all_at_once

    jobs = 1 if STDIN in job.found.images else min(job.jobs, len(found))
    if jobs == 1:
        return read_all(found, scanner, complaints.add, complaints.note, annotator)
    make = partial(_scanner, job.reading, job.look)
    return read_all_at_once(found, make, jobs, complaints.add, complaints.note, annotator)


def _done(job: Job, layout: Layout) -> set[str] | None:
    """The labels of what an interrupted run has read; None where it had not begun to write."""
    from hwr_edge.resume import read_before

    assert job.output
    part = part_of(job.output)
    done = read_before(part, job.layout, layout.columns)
    return done if part.exists() and part.stat().st_size > 0 else None


def _sink(job: Job) -> AbstractContextManager[Sink]:
    """Where rows go; a JSON array comes at the end alone, and needs no draft that grows."""
    if job.output is None or job.layout == "json":
        return open_sink(job.output)
    return open_growing(job.output, job.resume)


def _lines(facts: dict[str, Any], indent: str = "") -> Iterator[str]:
    """Facts for people: a line each, nested ones indented."""
    for key, value in facts.items():
        if isinstance(value, dict):
            yield f"{indent}{key}\n"
            yield from _lines(value, indent + "  ")
        else:
            shown = value if isinstance(value, str) and key != "letters" else to_json(value)
            yield f"{indent}{key:<14} {shown}\n"


if __name__ == "__main__":
    main()
