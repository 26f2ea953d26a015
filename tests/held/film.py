"""A film: cards with their movements before a room, through a lens and a shutter."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

import cv2
import numpy as np

from held.card import MARGIN, Card, Grey, Layer
from held.pose import Matrix, Path, homography
from held.room import BEYOND, Room

_MOST_STEPS = 5  # images that an open shutter is made of
_STEP = 0.7  # pixels of movement for which one more is taken
_SMEARED, _SOFT, _LOW = 0.3, 0.09, 10.0  # of a letter's height, and pixels: what nobody reads
_SEEN = 0.15  # seconds that a card must be readable to be one


class Appearance(NamedTuple):
    """A name in view: readable from and to which second, and until when its card is there."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Actor:
    """A card on its way; without a text, a hand or print."""

    card: Card
    path: Path
    text: str = ""


@dataclass
class Film:
    """What happens, and how it is taken.

    actors: those in front last.
    mount: pixels by which the camera is off, for each second.
    focus: pixels of blur, for each second.
    light: brightness of the rows, (H,), for each second.
    exposure: seconds that the shutter is open.
    noise: grey levels.
    """

    size: tuple[int, int]
    fps: float
    seconds: float
    room: Room
    rng: np.random.Generator
    actors: list[Actor] = field(default_factory=list)
    mount: Callable[[float], tuple[float, float]] = lambda time: (0.0, 0.0)
    focus: Callable[[float], float] = lambda time: 0.0
    light: Callable[[float], Layer] | None = None
    exposure: float = 0.008
    noise: float = 3.0
    codec: str = "mjpeg"
    bitrate: int = 0

    @property
    def times(self) -> list[float]:
        """Of each frame, in seconds."""
        return [k / self.fps for k in range(round(self.seconds * self.fps))]

    def frames(self) -> Iterator[Grey]:
        """All frames, uint8 (H, W)."""
        looks = np.random.default_rng(int(self.rng.integers(1 << 31)))
        shape = (self.size[1], self.size[0])
        grain = [looks.normal(0, self.noise, shape).astype(np.float32) for _ in range(3)]
        for time in self.times:
            steps = self._steps(time)
            seen = self._seen(time)
            for k in range(1, steps):
                seen += self._seen(time + self.exposure * k / steps)
            seen /= steps
            if self.light:
                seen = np.asarray(seen * self.light(time)[:, None], np.float32)
            seen = np.asarray(
                cv2.GaussianBlur(seen, (0, 0), math.hypot(0.6, self.focus(time))), np.float32
            )
            noise = np.roll(grain[int(looks.integers(3))], int(looks.integers(1 << 20)))
            yield np.asarray(cv2.add(seen, noise, dtype=cv2.CV_8U), np.uint8)

    def truth(self) -> list[Appearance]:
        """The names that can be read, each once for each appearance of its card."""
        found: list[Appearance] = []
        for place, actor in enumerate(self.actors):
            if not actor.text:
                continue
            start: float | None = None
            since: list[float] = []
            for time in [*self.times, math.inf]:
                there = time < math.inf and actor.path(time) is not None
                if there and self._readable(actor, self.actors[place + 1 :], time):
                    since.append(time)
                    if len(since) * 1 / self.fps >= _SEEN and start is None:
                        start = since[0]
                elif start is None:
                    since = []
                if not there:
                    if start is not None:
                        found.append(Appearance(actor.text, start, min(time, self.seconds)))
                    start, since = None, []
        return sorted(found, key=lambda one: one.start)

    def _readable(self, actor: Actor, before: list[Actor], time: float) -> bool:
        """Whether all of the line is in view, sharp enough and uncovered."""
        now, later = (self._line(actor, t) for t in (time, time + self.exposure))
        wide, high = self.size
        letter = actor.card.letter / actor.card.line[3] * _height(now)
        inside = now.min() >= 4 and now[:, 0].max() < wide - 4 and now[:, 1].max() < high - 4
        sharp = np.abs(later - now).max() < _SMEARED * letter and self.focus(time) < _SOFT * letter
        covered = any(self._covers(one, now, time) for one in before)
        return bool(inside and sharp and letter >= _LOW and not covered)

    def _covers(self, actor: Actor, line: np.ndarray, time: float) -> bool:
        pose = actor.path(time)
        if pose is None:
            return False
        mask = cv2.warpPerspective(actor.card.cover, self._matrix(actor, time), self.size)
        x0, y0 = np.maximum(line.min(0), 0).astype(int)
        x1, y1 = np.maximum(line.max(0), 1).astype(int)
        return bool(mask[y0:y1, x0:x1].max(initial=0) > 0.5)

    def _steps(self, time: float) -> int:
        moved = [0.0]
        for actor in self.actors:
            if actor.path(time) and actor.path(time + self.exposure):
                ends = [self._ends(actor, t) for t in (time, time + self.exposure)]
                moved.append(float(np.abs(ends[1] - ends[0]).max()))
        return min(_MOST_STEPS, 1 + int(max(moved) / _STEP))

    def _line(self, actor: Actor, time: float) -> np.ndarray:
        x, y, w, h = actor.card.line
        corners = np.array([[[x, y], [x + w, y], [x + w, y + h], [x, y + h]]], np.float64)
        return np.asarray(cv2.perspectiveTransform(corners, self._matrix(actor, time))[0])

    def _ends(self, actor: Actor, time: float) -> np.ndarray:
        high, wide = actor.card.shade.shape
        corners = np.array([[[0, 0], [wide, 0], [wide, high], [0, high]]], np.float64)
        return np.asarray(cv2.perspectiveTransform(corners, self._matrix(actor, time))[0])

    def _matrix(self, actor: Actor, time: float) -> Matrix:
        pose = actor.path(time) or actor.path(time - self.exposure)
        assert pose is not None
        shade = actor.card.shade.shape
        width = shade[1] - 2 * MARGIN if actor.card.line[3] or shade[1] > 2 * MARGIN else shade[1]
        return homography(pose, (shade[0], shade[1]), width, self.size, self.mount(time))

    def _seen(self, time: float) -> Layer:
        wide, high = self.size
        x, y = self.mount(time)
        room = self.room(time)
        if x == y == 0:
            seen = room[BEYOND : BEYOND + high, BEYOND : BEYOND + wide].copy()
        else:
            move = np.array([[1, 0, x - BEYOND], [0, 1, y - BEYOND]])
            seen = np.asarray(cv2.warpAffine(room, move, self.size), np.float32)
        for actor in self.actors:
            if actor.path(time) is not None:
                self._draw(actor, time, seen)
        return seen

    def _draw(self, actor: Actor, time: float, seen: Layer) -> None:
        """Draw a card, in place, in the box around it alone."""
        ends = self._ends(actor, time)
        x0, y0 = (max(0, int(low) - 2) for low in ends.min(0))
        x1, y1 = (min(most, int(top) + 3) for top, most in zip(ends.max(0), self.size, strict=True))
        if x1 <= x0 or y1 <= y0:
            return
        *layers, matrix = _layers(actor.card, self._matrix(actor, time))
        matrix = np.array([[1, 0, -x0], [0, 1, -y0], [0, 0, 1.0]]) @ matrix
        size = (x1 - x0, y1 - y0)
        shade, cover = (cv2.warpPerspective(layer, matrix, size) for layer in layers)
        part = seen[y0:y1, x0:x1]
        part += (shade - part) * cover


def _height(corners: np.ndarray) -> float:
    return float(np.linalg.norm(corners[3] - corners[0]))


@cache
def _smaller(card: Card, by: int) -> tuple[Layer, Layer]:
    """The layers so many times smaller."""
    size = card.shade.shape[1] // by, card.shade.shape[0] // by
    cover = cv2.resize(card.cover, size, interpolation=cv2.INTER_AREA)
    shade = cv2.resize(card.shade * card.cover, size, interpolation=cv2.INTER_AREA)
    return np.asarray(shade / np.maximum(cover, 1e-3), np.float32), np.asarray(cover, np.float32)


def _layers(card: Card, matrix: Matrix) -> tuple[Layer, Layer, Matrix]:
    """The layers in about the size in which they are shown, and the way from there to the view."""
    high, wide = card.shade.shape
    u, v, w = matrix @ (wide / 2, high / 2, 1)
    rate = (matrix[:2, :2] - np.outer((u / w, v / w), matrix[2, :2])) / w
    smaller = 1 / max(1e-3, math.sqrt(abs(float(np.linalg.det(rate)))))
    by = 1 << max(0, int(math.log2(max(1.0, smaller) * 1.2)))
    shift = (by - 1) / 2
    return (*_smaller(card, by), matrix @ np.array([[by, 0, shift], [0, by, shift], [0, 0, 1.0]]))
