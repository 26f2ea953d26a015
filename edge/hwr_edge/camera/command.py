"""Runs the camera: source, loop, and everything that is told of a name. Prints nothing itself."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from hwr_edge.camera.crops import Crops
from hwr_edge.camera.event import Event, Kind, recorded_time
from hwr_edge.camera.frames import Area, Source
from hwr_edge.camera.hook import Hook
from hwr_edge.camera.log import Log
from hwr_edge.camera.look import Look, ReportedName
from hwr_edge.camera.notify import Notify
from hwr_edge.camera.quality import Hint
from hwr_edge.camera.watch import watch
from hwr_edge.errors import DataError, OutputError
from hwr_edge.line.reading import Reading
from hwr_edge.line.recognizer import Recognizer
from hwr_edge.results.separator import Separator

_CHOICES = 4  # alternatives of each frame's reading that the vote counts
_TO_LEAVE = 0.5  # seconds for programs of --on-name when the command is stopped


class Screen(Protocol):
    """Shows frames and names: the live view."""

    def show(self, look: Look) -> None:
        """Show a frame."""

    def show_name(self, event: Event) -> None:
        """Show a name that was reported."""


@dataclass(frozen=True)
class Outputs:
    """Where names go.

    write: gets a line for each, as `as_json` says.
    problem: gets a line for what went wrong without ending the run.
    follow: write a row, too, where a line comes into view and where it leaves.
    events: queues rows for other programs, and waits for none of them.
    """

    write: Callable[[str], None]
    problem: Callable[[str], None]
    as_json: bool = False
    log: Path | None = None
    crops: Path | None = None
    on_name: str | None = None
    separator: Separator = Separator.COMMA
    follow: bool = False
    events: Callable[[list[dict[str, Any]]], None] | None = None


def run_camera(
    source: Source,
    recognizer: Recognizer,
    area: Area | None,
    outputs: Outputs,
    screen: Callable[[], AbstractContextManager[Screen]] | None = None,
) -> tuple[int, str]:
    """Watch until a recording ends or somebody stops the command.

    Args:
        source: not open yet.
        recognizer: reads each frame's lines.
        area: the part of the frames to look at.
        outputs: where names go.
        screen: opens the live view.

    Returns:
        How many names were reported, and what the person should have known at the end.

    Raises:
        HwrError: the source, the log or the live view cannot be opened, or the camera is lost for good.
    """
    top, voting = recognizer.top, for_votes(recognizer)
    count, hint = 0, Hint.LAY
    with _Names(outputs, source.live, top) as names, ExitStack() as stack:
        shown = stack.enter_context(screen()) if screen else None
        stack.enter_context(source)
        notify = Notify()
        notify.ready()
        for look in watch(source, voting.read_grey, area, top):
            notify.alive()
            hint = look.hint if look.frame else hint
            if shown:
                shown.show(look)
            names.follow(look)
            for reported in look.reported:
                event = names.add(reported, recognizer.accept)
                count += 1
                if shown:
                    shown.show_name(event)
    return count, hint.value


class _Names:
    """Gives each name to all who are to know."""

    def __init__(self, outputs: Outputs, live: bool, top: int) -> None:
        self._outputs, self._live, self._top = outputs, live, top
        self._failing: set[str] = set()
        self._log = Log(outputs.log, outputs.separator) if outputs.log else None
        self._crops = Crops(outputs.crops) if outputs.crops else None
        self._hook = Hook(outputs.on_name, outputs.problem) if outputs.on_name else None

    def __enter__(self) -> _Names:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._log:
            self._log.__exit__(kind, error, trace)
        if self._hook:
            self._hook.close(None if kind is None else _TO_LEAVE)

    def add(self, reported: ReportedName, accept: float | None) -> Event:
        event = event_of(reported, self._live, accept, self._top)
        if self._log:
            self._try("log", self._log.add, event)
        if self._outputs.events:
            self._try("events", self._outputs.events, [event.to_dict()])
        self._outputs.write(event.json() if self._outputs.as_json else event.text())
        if self._crops:
            self._try("crops", self._crops.add, event, reported.crop)
        if self._hook:
            self._hook.add(event)
        return event

    def follow(self, look: Look) -> None:
        """Tell which lines came and left, where that was asked for."""
        if not self._outputs.follow:
            return
        for kind, marks in ((Kind.SEEN, look.seen), (Kind.GONE, look.gone)):
            for one in marks:
                bare = replace(one.reading, alternatives=(), match=None, review=None)
                time = self._time(one.time)
                self._outputs.write(Event(time, bare, 0, 0, one.track, kind).json())

    def _time(self, time: float) -> datetime:
        return datetime.now(UTC) if self._live else recorded_time(time)

    def _try(self, what: str, call: Callable[..., None], *arguments: object) -> None:
        """A full disk ends nothing; it is told once, until writing works again."""
        try:
            call(*arguments)
        except (DataError, OutputError) as error:
            if what not in self._failing:
                self._outputs.problem(f"{error}; continuing without it")
            self._failing.add(what)
        else:
            self._failing.discard(what)


def for_votes(recognizer: Recognizer) -> Recognizer:
    """The same reader, with the alternatives that a vote counts, and without letters' places in crops."""
    voting = copy(recognizer)
    voting.letters = False
    if voting.names and voting.roster is None:
        voting.top = max(voting.top, _CHOICES)
    return voting


def event_of(reported: ReportedName, live: bool, accept: float | None, top: int = 0) -> Event:
    """What is told of a name; a live camera's time is that of now."""
    time = datetime.now(UTC) if live else recorded_time(reported.time)
    return Event(time, _looked_at(reported.reading, accept), reported.frames, top, reported.track)


def _looked_at(reading: Reading, accept: float | None) -> Reading:
    """With whether a person should look, by the settled confidence."""
    if accept is None:
        return reading
    sure = reading.confidence
    if reading.match:
        sure = reading.match.confidence if reading.match.name is not None else 0.0
    return replace(reading, review=sure < accept)
