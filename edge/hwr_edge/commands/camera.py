"""`hwr-edge camera`: watches a camera and says the names on what is shown to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from hwr_edge.commands.console import ErrorReport, errors_reported, print_message
from hwr_edge.commands.event_options import (
    EventsFolder,
    MqttTo,
    PasswordFile,
    TlsCa,
    WebhookTo,
    receivers_of,
    sending,
)
from hwr_edge.commands.options import (
    CsvSeparator,
    Model,
    RosterColumns,
    RosterFile,
    people_of,
    settings_of,
)
from hwr_edge.errors import web_packages_missing
from hwr_edge.files import open_sink
from hwr_edge.line.decoder import Decoder
from hwr_edge.results.separator import Separator

if TYPE_CHECKING:
    from hwr_edge.camera.frames import Area
    from hwr_edge.camera.server import LiveView


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
_MOST_FPS = 1000
_TO_SEND = 2.0  # seconds that the end waits for receivers


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("camera", cls=OptionalValue)(read_camera)


def read_camera(
    source: Annotated[
        str,
        typer.Option(
            metavar="SOURCE",
            help="auto, pi, a camera number, a URL, a video file, or a folder of frames.",
        ),
    ] = "auto",
    roi: Annotated[
        str | None,
        typer.Option(metavar="X,Y,W,H", help="Look only at this part of the image, in pixels."),
    ] = None,
    format: Annotated[
        CameraFormat, typer.Option("--format", help="Output format.")
    ] = CameraFormat.TEXT,
    log: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Append names to FILE (.csv or .jsonl).")
    ] = None,
    separator: CsvSeparator = Separator.COMMA,
    save_crops: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Save an image of each name.")
    ] = None,
    on_name: Annotated[
        str | None,
        typer.Option(
            metavar="CMD",
            help="Run this program for each name. HWR_EDGE_NAME holds the name. No shell is used.",
        ),
    ] = None,
    serve: Annotated[
        str | None,
        typer.Option(
            metavar="[HOST:PORT]", help="Serve a live view. Default address: 127.0.0.1:8481."
        ),
    ] = None,
    fps: Annotated[
        float | None,
        typer.Option(min=0.1, max=_MOST_FPS, metavar="N", help="Frames per second of a recording."),
    ] = None,
    loop: Annotated[bool, typer.Option("--loop", help="Repeat a recording until Ctrl-C.")] = False,
    follow: Annotated[
        bool,
        typer.Option(
            "--follow", help="With jsonl: also print a row when a line appears and when it leaves."
        ),
    ] = False,
    focus: Annotated[
        float | None,
        typer.Option(min=0, metavar="D", help="Pi: fixed focus in dioptres. Default: autofocus."),
    ] = None,
    exposure: Annotated[
        float | None,
        typer.Option(
            min=0.01, metavar="MS", help="Pi: fixed exposure in milliseconds. Default: automatic."
        ),
    ] = None,
    model: Model = None,
    decoder: Annotated[Decoder | None, typer.Option(help="As in `hwr-edge file`.")] = None,
    name_model: Annotated[
        Path | None, typer.Option(readable=False, metavar="FILE", help="As in `hwr-edge file`.")
    ] = None,
    top: Annotated[
        int, typer.Option(min=0, max=12, metavar="K", help="As in `hwr-edge file`.")
    ] = 0,
    roster: RosterFile = None,
    roster_column: RosterColumns = None,
    accept: Annotated[
        float | None, typer.Option(min=0.0, max=1.0, metavar="P", help="As in `hwr-edge file`.")
    ] = None,
    threads: Annotated[
        int, typer.Option(min=1, max=256, metavar="N", help="Threads for each reading.")
    ] = 1,
    mqtt: MqttTo = None,
    webhook: WebhookTo = None,
    home_assistant: Annotated[
        bool,
        typer.Option(
            "--home-assistant", help="Let Home Assistant find the camera at the broker of --mqtt."
        ),
    ] = False,
    mqtt_password_file: PasswordFile = None,
    tls_ca: TlsCa = None,
    events_folder: EventsFolder = None,
) -> None:
    """Watch a camera and print the names on the sheets in view.

    Each sheet is reported once. Moving it slightly does not report it again; removing and replacing
    it does. Printed text is ignored.

    A live camera runs until Ctrl-C. A lost camera is reopened until it is back. A recording is read
    to its end.

    Exit codes: 0 success; 1 something could not be read or written; 2 wrong usage; 130 Ctrl-C.
    """
    with errors_reported(), open_sink(None) as sink:
        area = _area(roi)
        if fps is not None and not fps <= _MOST_FPS:  # Typer takes nan
            raise typer.BadParameter(f"{fps} is not a frame rate", param_hint="--fps")
        if separator is not Separator.COMMA and (log is None or log.suffix != ".csv"):
            raise typer.BadParameter("--separator needs a --log that ends in .csv")
        if follow and format is not CameraFormat.JSONL:
            raise typer.BadParameter("--follow needs --format jsonl")
        to = receivers_of(mqtt, webhook, mqtt_password_file, tls_ca, events_folder, home_assistant)
        from hwr_edge.line.recognizer import Recognizer

        people = people_of(roster, roster_column, print_message)
        settings = settings_of(model, threads, decoder, name_model, top, people, accept)
        recognizer = Recognizer(*settings)
        from hwr_edge.camera.command import Outputs, run_camera
        from hwr_edge.camera.pi import PiSettings
        from hwr_edge.camera.pick import pick_source

        problems = ErrorReport()
        screen = partial(_screen, serve) if serve else None
        for problem in recognizer.roster.problems if recognizer.roster else []:
            problems.add(problem)
        found = pick_source(
            source, fps, PiSettings(focus, exposure), print_message, problems.add, loop
        )
        as_json = format is CameraFormat.JSONL
        try:
            with sending(to, print_message, _TO_SEND) as events:
                given = events.add if events else None
                outputs = Outputs(
                    sink.write,
                    problems.add,
                    as_json,
                    log,
                    save_crops,
                    on_name,
                    separator,
                    follow,
                    given,
                )
                said, hint = run_camera(found, recognizer, area, outputs, screen)
            if not said:
                print_message(f"{source}: no name was read; last hint: {hint}")
        except (KeyboardInterrupt, SystemExit):
            if not problems.count:
                raise
        if problems.count:  # also of a run that somebody stopped
            raise typer.Exit(1)


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
        raise typer.BadParameter(f"{roi}: use x,y,width,height in pixels", param_hint="--roi")
    return area


@contextmanager
def _screen(asked: str) -> Iterator[LiveView]:
    """The live view, with its address told."""
    try:
        from hwr_edge.camera.server import LiveView
    except ModuleNotFoundError as error:
        raise web_packages_missing("--serve") from error
    with LiveView(asked) as view:
        typer.echo(f"live view: {view.address}", err=True)
        yield view
