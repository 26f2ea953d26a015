"""What is behind the cards: rooms of two families, and people who move in them."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from held.card import Grey, Layer, print_on
from held.pose import sway

Room = Callable[[float], Layer]
"""What is behind, float32 (H, W), for each second."""
BEYOND = 24  # pixels that a room goes on beyond the view: mounts shake


def table(size: tuple[int, int], rng: np.random.Generator, other: bool) -> Layer:
    """A table top: wood, or (the other family) a speckled or a checked cloth."""
    wide, high = size[0] + 2 * BEYOND, size[1] + 2 * BEYOND
    level = rng.uniform(50, 125)
    if not other:
        streaks = rng.normal(0, 1, (high // 5, 6)).astype(np.float32)
        grain = cv2.resize(streaks, (wide, high), interpolation=cv2.INTER_CUBIC)
    elif rng.random() < 0.5:
        grain = cv2.GaussianBlur(rng.normal(0, 1, (high, wide)).astype(np.float32), (0, 0), 2) * 6
    else:
        every = int(rng.integers(30, 60))
        y, x = np.mgrid[:high, :wide]
        grain = ((x // every + y // every) % 2 * 2 - 1).astype(np.float32)
    return _lit(np.asarray(level + rng.uniform(3, 12) * grain, np.float32), rng)


def wall(size: tuple[int, int], rng: np.random.Generator, other: bool) -> Layer:
    """A shelf of books and boxes before a wall; or (the other family) a street behind a window, a notice board."""
    wide, high = size[0] + 2 * BEYOND, size[1] + 2 * BEYOND
    room = np.full((high, wide), rng.uniform(90, 190), np.uint8)
    for _ in range(int(rng.integers(8, 22))):
        w, h = rng.uniform(0.03, 0.12) * wide, rng.uniform(0.15, 0.4) * high
        x, y = rng.uniform(0, wide), rng.uniform(0, high)
        if other:
            w, h = h, 0.7 * w + 20
        box = [(int(x), int(y)), (int(x + w), int(y + h))]
        cv2.rectangle(room, box[0], box[1], int(rng.integers(30, 235)), -1)
        if rng.random() < 0.4:
            cv2.rectangle(room, box[0], box[1], int(rng.integers(20, 120)), 2)
    if other:
        for _ in range(5):
            ends = rng.uniform(0, 1, (2, 2)) * (wide, high)
            cv2.line(room, ends[0].astype(int).tolist(), ends[1].astype(int).tolist(), 60, 5)
    soft = cv2.GaussianBlur(room, (0, 0), rng.uniform(1.0, 4.0))
    return _lit(soft.astype(np.float32), rng)


def _lit(room: Layer, rng: np.random.Generator) -> Layer:
    high, wide = room.shape
    y, x = np.mgrid[:high, :wide].astype(np.float32)
    slope = rng.uniform(-0.25, 0.25, 2)
    return np.asarray(
        room * (1 + slope[0] * (x / wide - 0.5) + slope[1] * (y / high - 0.5)), np.float32
    )


def still(room: Layer) -> Room:
    """Nothing moves."""
    return lambda time: room


def busy(room: Layer, rng: np.random.Generator, people: int, other: bool) -> Room:
    """People who walk and wave behind the card."""
    high, wide = room.shape
    walks = [
        (rng.uniform(-0.2, 1.2), rng.uniform(-0.5, 0.5), rng.uniform(0.2, 0.4), sway(rng, 0.1, 0.9), rng.integers(1 << 30))
        for _ in range(people)
    ]  # fmt: skip

    def at(time: float) -> Layer:
        seen = room.copy()
        for start, speed, size, swing, look in walks:
            x = (start + speed * time + swing(time) + 0.4) % 1.8 - 0.4
            person(seen, (x * wide, high * 0.5), size * high, int(look), time, other)
        return seen

    return at


def person(
    seen: Layer, at: tuple[float, float], size: float, look: int, time: float, other: bool
) -> None:
    """A head of ovals with eyes and a mouth, shoulders, and (the other family) stripes on them; in place."""
    rng = np.random.default_rng(look)
    skin, cloth, hair = rng.uniform(95, 205), rng.uniform(25, 230), rng.uniform(15, 110)
    x, y = round(at[0]), round(at[1])
    r = round(size / 2)
    cv2.ellipse(seen, (x, y + 3 * r), (2 * r, 2 * r), 0, 0, 360, cloth, -1, cv2.LINE_AA)
    if other:
        for k in range(5):
            cv2.line(
                seen,
                (x - 2 * r, y + 2 * r + 12 * k),
                (x + 2 * r, y + 2 * r + 12 * k),
                255 - cloth,
                3,
            )
    cv2.ellipse(
        seen, (x, y - r // 5), (round(0.85 * r), round(1.08 * r)), 0, 0, 360, hair, -1, cv2.LINE_AA
    )
    cv2.ellipse(seen, (x, y), (round(0.75 * r), r), 0, 0, 360, skin, -1, cv2.LINE_AA)
    for side in (-1, 1):
        eye = (x + side * r // 3, y - r // 6)
        cv2.ellipse(seen, eye, (max(2, r // 8), max(1, r // 14)), 0, 0, 360, 250, -1, cv2.LINE_AA)
        cv2.circle(seen, eye, max(1, r // 14), 20, -1, cv2.LINE_AA)
    mouth = max(1, round(r * (0.06 + 0.05 * np.sin(7 * time))))
    cv2.ellipse(seen, (x, y + r // 2), (max(2, r // 4), mouth), 0, 0, 360, 70, -1, cv2.LINE_AA)


def screen(seen: Layer, rng: np.random.Generator, words: tuple[str, ...]) -> None:
    """A bright monitor with windows, lines of print and bars; in place."""
    high, wide = seen.shape
    w, h = round(rng.uniform(0.4, 0.75) * wide), round(rng.uniform(0.4, 0.7) * high)
    x, y = int(rng.integers(10, wide - w - 5)), int(rng.integers(10, high - h - 5))
    shown = np.full((h, w), int(rng.integers(215, 256)), np.uint8)
    cv2.rectangle(shown, (0, 0), (w, h // 10), 90, -1)
    for k in range(int(rng.integers(4, 9))):
        text = " ".join(rng.choice(words, int(rng.integers(1, 5))))
        print_on(
            shown, text, (int(0.05 * w), int(h * (0.16 + 0.09 * k))), int(rng.integers(11, 24)), 40
        )
    cv2.rectangle(
        shown, (round(0.7 * w), round(0.3 * h)), (round(0.95 * w), round(0.8 * h)), 140, -1
    )
    seen[y - 8 : y + h + 8, x - 8 : x + w + 8] = 25
    seen[y : y + h, x : x + w] = shown


def page(rng: np.random.Generator, words: tuple[str, ...], size: tuple[int, int]) -> Grey:
    """A page of a book or a poster: a heading and paragraphs in print."""
    wide, high = size
    paper = np.full((high, wide), 240, np.uint8)
    y, letter = 30, int(rng.integers(20, 46))
    if rng.random() < 0.5:
        print_on(paper, " ".join(rng.choice(words, 2)), (60, y), 2 * letter, 30)
        y += 3 * letter
    while y < high - 2 * letter:
        count = int(wide / (letter * 4))
        print_on(paper, " ".join(rng.choice(words, count)), (50, y), letter, 40)
        y += round(1.5 * letter)
    return paper
