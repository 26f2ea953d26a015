"""Films of a table made frame by frame: sheets laid down and taken away, hands, shadows, focus.

What is written is given as an image, so that any handwriting can be filmed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Point = tuple[float, float]

FPS = 15
SIZE = (1280, 720)
_SHEET = (900, 520)  # pixels


def sheet(writing: Grey | None, rng: np.random.Generator, printed: bool = True) -> Grey:
    """A sheet of paper, uint8 (520, 900), with writing (dark on 255) on its line, and print."""
    width, height = _SHEET
    paper = np.full((height, width), 255, np.uint8)
    if printed:
        cv2.putText(paper, "FICHE D'INSCRIPTION", (60, 90), 0, 1.1, 40, 2, cv2.LINE_AA)
        cv2.putText(paper, "a remettre au secretariat", (60, 470), 0, 0.7, 60, 1, cv2.LINE_AA)
    if writing is not None:
        scale = min(1.0, 780 / writing.shape[1], 150 / writing.shape[0])
        ink = cv2.resize(writing, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        x, y = int(rng.integers(40, 861 - ink.shape[1])), 260 - ink.shape[0] // 2
        part = paper[y : y + ink.shape[0], x : x + ink.shape[1]]
        np.minimum(part, np.asarray(ink, np.uint8), out=part)
    return paper


class Lying(NamedTuple):
    """A name that lay still on the table, from and to which second."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class _State:
    """What one frame shows: a sheet's corners, a hand's fingertips, blur in pixels."""

    paper: Grey | None = None
    corners: NDArray[np.float32] | None = None
    before: NDArray[np.float32] | None = None
    hand: Point | None = None
    blur: float = 0.0


@dataclass
class Film:
    """Shots, one after the other; each adds frames. `frames()` draws them.

    truth: the names that lay still, in turn.
    """

    rng: np.random.Generator
    size: tuple[int, int] = SIZE
    noise: float = 3.0
    truth: list[Lying] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._states: list[_State] = []
        self._now = _State()
        self._text, self._since = "", 0.0

    def empty(self, seconds: float) -> Film:
        """Nothing moves."""
        return self._add(_count(seconds) * [self._now])

    def lay(self, paper: Grey, text: str = "", at: Corners | None = None) -> Film:
        """A hand lays a sheet down in a little more than half a second, and goes."""
        end = self._corners() if at is None else at
        away = np.array([self.size[0] * 0.9, self.size[1] * 1.1], np.float32)
        self._slide(paper, end + away, end)
        self._text, self._since = text, self.seconds
        return self._withdraw()

    def nudge(self, pixels: float = 12) -> Film:
        """A hand comes and pushes the sheet a little."""
        corners = self._now.corners
        assert corners is not None
        assert self._now.paper is not None
        self._approach()
        self._slide(
            self._now.paper, corners, corners + np.array([pixels, pixels / 2], np.float32), 0.2
        )
        return self._withdraw()

    def take(self) -> Film:
        """A hand takes the sheet away."""
        corners, paper = self._now.corners, self._now.paper
        assert corners is not None
        assert paper is not None
        if self._text:
            self.truth.append(Lying(self._text, self._since, self.seconds))
        self._text = ""
        self._approach()
        away = np.array([self.size[0] * 0.9, self.size[1] * 1.1], np.float32)
        self._slide(paper, corners, corners + away)
        self._now = _State()
        return self

    def pass_hand(self, seconds: float = 0.8) -> Film:
        """A hand goes right over the image."""
        wide, high = self.size
        way = [(wide * (1.3 - 1.6 * part), high * 0.55) for part in _parts(seconds)]
        return self._add([replace(self._now, hand=at) for at in way])

    def rest_hand(self, seconds: float) -> Film:
        """A hand covers the sheet, lies still, and goes."""
        self._approach()
        self._add([replace(self._now, hand=self._grip())] * _count(seconds))
        return self._withdraw()

    def hunt_focus(self, seconds: float = 0.6) -> Film:
        """The lens goes out of focus and comes back."""
        blurs = [5.0 * np.sin(np.pi * part) for part in _parts(seconds)]
        return self._add([replace(self._now, blur=float(blur)) for blur in blurs])

    def end(self) -> Film:
        """A sheet that still lies there counts as laid down."""
        if self._text:
            self.truth.append(Lying(self._text, self._since, self.seconds))
        return self

    @property
    def seconds(self) -> float:
        """How long the film is so far."""
        return len(self._states) / FPS

    def frames(self) -> Iterator[Grey]:
        """All frames, uint8 (H, W)."""
        looks = np.random.default_rng(int(self.rng.integers(1 << 31)))
        table, light, grain = _table(self.size, looks), _light(self.size, looks), self._grain
        before: _State | None = None
        still: NDArray[Any] | None = None
        for state in self._states:
            if still is None or state is not before:
                still = _draw(state, table, light)
            before = state
            noise = grain[looks.integers(len(grain))]
            noise = np.roll(noise, int(looks.integers(1 << 20)))
            yield np.asarray(cv2.add(still, noise, dtype=cv2.CV_8U), np.uint8)

    @cached_property
    def _grain(self) -> list[NDArray[np.int16]]:
        shape = (self.size[1], self.size[0])
        return [np.rint(self.rng.normal(0, self.noise, shape)).astype(np.int16) for _ in range(4)]

    def _add(self, states: list[_State]) -> Film:
        self._states += states
        return self

    def _corners(self) -> Corners:
        """Where a sheet comes to lie: a little askew, seen a little from the side."""
        wide, high = self.size
        scale = self.rng.uniform(0.82, 1.0) * min(wide / 1280, high / 720)
        half = np.array(_SHEET, np.float32) / 2 * scale
        square = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float32) * half
        angle = np.radians(self.rng.uniform(-5, 5))
        turn = np.array(
            [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]], np.float32
        )
        middle = np.array([wide, high], np.float32) / 2 + self.rng.uniform(-60, 60, 2) * scale
        lean = self.rng.uniform(-14, 14, (4, 2)) * scale
        return np.asarray(square @ turn.T + middle + lean, np.float32)

    def _grip(self) -> Point:
        corners = self._now.corners
        x, y = (0.5 * self.size[0], 0.5 * self.size[1]) if corners is None else corners.mean(0)
        return float(x), float(y)

    def _slide(self, paper: Grey, start: Corners, end: Corners, seconds: float = 0.5) -> None:
        before = start
        for part in _parts(seconds):
            corners = np.asarray(start + (end - start) * np.float32(part), np.float32)
            x, y = corners[2] - 0.1 * (corners[2] - corners[0])
            self._add([_State(paper, corners, before, (float(x), float(y)))])
            before = corners
        self._now = _State(paper, np.asarray(end, np.float32))

    def _approach(self) -> Film:
        x, y = self._grip()
        way = [(x + (1 - part) * 900, y + (1 - part) * 700) for part in _parts(0.4)]
        return self._add([replace(self._now, hand=at) for at in way])

    def _withdraw(self) -> Film:
        x, y = self._states[-1].hand or self._grip()
        way = [(x + part * 900, y + part * 700) for part in _parts(0.4)]
        return self._add([replace(self._now, hand=at) for at in way])


Corners = NDArray[np.float32]


def _count(seconds: float) -> int:
    return max(1, round(seconds * FPS))


def _parts(seconds: float) -> Iterable[float]:
    count = _count(seconds)
    return [(k + 1) / count for k in range(count)]


def _table(size: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    """Wood: streaks along x."""
    wide, high = size
    streaks = rng.normal(0, 1, (high // 6, 5)).astype(np.float32)
    grain = cv2.resize(streaks, (wide, high), interpolation=cv2.INTER_CUBIC)
    return np.asarray(rng.uniform(60, 130) + rng.uniform(2, 9) * grain, np.float32)


def _light(size: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    """A slope of light, and often the edge of a shadow."""
    wide, high = size
    y, x = np.mgrid[:high, :wide].astype(np.float32)
    light = (
        1 + rng.uniform(-0.2, 0.2) * (x / wide - 0.5) + rng.uniform(-0.2, 0.2) * (y / high - 0.5)
    )
    if rng.random() < 0.5:
        angle, soft = rng.uniform(0, 2 * np.pi), rng.uniform(10, 60)
        away = (x - rng.uniform(0, wide)) * np.cos(angle) + (y - high / 2) * np.sin(angle)
        light *= 1 - rng.uniform(0.1, 0.4) / (1 + np.exp(np.clip(-away / soft, -50, 50)))
    return np.asarray(light * rng.uniform(0.75, 1.0), np.float32)


def _draw(state: _State, table: NDArray[np.float32], light: NDArray[np.float32]) -> Grey:
    scene = table.copy()
    if state.paper is not None and state.corners is not None:
        ends = [state.corners] if state.before is None else [state.before, state.corners]
        parts = [_lay(scene, state.paper, np.mean(np.stack(ends[k:]), 0)) for k in range(len(ends))]
        scene = np.mean(np.stack(parts), 0, dtype=np.float32)  # a moving sheet is smeared
    scene *= light
    if state.hand is not None:
        _draw_hand(scene, state.hand)
    sigma = max(0.7, state.blur)
    return np.clip(cv2.GaussianBlur(scene, (0, 0), sigma), 0, 255).astype(np.uint8)


def _lay(scene: NDArray[np.float32], paper: Grey, corners: NDArray[Any]) -> NDArray[np.float32]:
    high, wide = paper.shape
    flat = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    matrix = cv2.getPerspectiveTransform(flat, np.asarray(corners, np.float32))
    size = (scene.shape[1], scene.shape[0])
    seen = cv2.warpPerspective(paper, matrix, size, flags=cv2.INTER_AREA).astype(np.float32) * 0.87
    cover = cv2.warpPerspective(np.full_like(paper, 255), matrix, size).astype(np.float32) / 255
    shadow = cv2.GaussianBlur(
        cv2.warpAffine(cover, np.array([[1, 0, 6], [0, 1, 8]], np.float32), size), (0, 0), 7
    )
    return np.asarray(scene * (1 - 0.35 * shadow) * (1 - cover) + seen * cover, np.float32)


def _draw_hand(scene: NDArray[np.float32], at: Point) -> None:
    """A palm, four fingers and a forearm that comes from the lower right, in place."""
    cover = np.zeros(scene.shape, np.uint8)
    x, y = round(at[0]), round(at[1])
    cv2.line(cover, (x + 60, y + 60), (x + 900, y + 800), 255, 130)
    cv2.ellipse(cover, (x + 50, y + 50), (95, 75), 40, 0, 360, 255, -1)
    for k in range(4):
        cv2.line(cover, (x + 40, y + 40), (x - 60 + 34 * k, y + 10 - 26 * k), 255, 26)
    soft = cv2.GaussianBlur(cover, (0, 0), 3).astype(np.float32) / 255
    scene *= 1 - soft
    scene += soft * 150


def write_video(path: Path, frames: Iterable[Grey], fourcc: str = "MJPG", fps: float = FPS) -> Path:
    """A real video file, written by OpenCV."""
    writer: cv2.VideoWriter | None = None
    for frame in frames:
        if writer is None:
            size = (frame.shape[1], frame.shape[0])
            writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*fourcc), fps, size)
            assert writer.isOpened(), fourcc
        writer.write(cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR))
    if writer:
        writer.release()
    return path


def lay_and_take(
    papers: list[tuple[Grey, str]],
    rng: np.random.Generator,
    extra: Callable[[Film], object] | None = None,
) -> Film:
    """The usual film: each sheet is laid down, lies for a while, and is taken away again."""
    film = Film(rng).empty(0.3)
    for paper, text in papers:
        film.lay(paper, text).empty(1.6)
        if extra:
            extra(film)
        film.take().empty(0.8)
    return film.end()
