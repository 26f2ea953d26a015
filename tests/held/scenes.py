"""The kinds of films, and how each is drawn from a seed: with a name, and without."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from held.card import Card, Grey, card, palm
from held.film import Actor, Film
from held.pose import Path, Pose, eased, sway
from held.room import busy, page, person, screen, still, table, wall

SECONDS = 5.0
SIZES = ((640, 480), (640, 480), (800, 600), (1280, 720), (1920, 1080))
RATES = (5, 10, 15, 25, 30)
WORDS = tuple(
    "le la un une des chat maison arbre lettre ville monde jour livre demain toujours avec pour dans histoire "
    "CHAPITRE PREMIER roman lumiere fenetre route mer Paris ecole retour silence Menu Fichier Edition".split()
)
PRINTED = (
    "FICHE DE PRESENCE",
    "a rendre au secretariat",
    "NOM",
    "Bienvenue",
    "Salle 12",
    "BADGE VISITEUR",
)

Writing = Callable[[np.random.Generator], tuple[Grey, str]]
"""A name in some hand, dark on 255, and its letters."""


@dataclass
class Taking:
    """How a film is made: with whose writing, in which family of scenes.

    other: the family to report on; else the one to tune on.
    size, fps: None for any.
    """

    rng: np.random.Generator
    writing: Writing
    other: bool = False
    size: tuple[int, int] | None = None
    fps: float | None = None

    def film(self, laid: bool = False, people: int = 0, least_fps: float = 5) -> Film:
        """A film of a table or a room in which nothing happens yet."""
        rng = self.rng
        size = self.size or SIZES[int(rng.integers(len(SIZES)))]
        rates = [rate for rate in RATES if rate >= least_fps]
        fps = self.fps or rates[int(rng.integers(len(rates)))]
        behind = (table if laid else wall)(size, rng, self.other)
        room = busy(behind, rng, people, self.other) if people else still(behind)
        codec = ("mjpeg", "h264", "h264")[int(rng.integers(3))]
        return Film(
            size, fps, SECONDS, room, rng, exposure=float(rng.uniform(0.004, 0.016)),
            noise=float(rng.uniform(1.5, 5)), codec=codec,
            bitrate=int(rng.uniform(0.06, 0.14) * size[0] * size[1] * math.sqrt(fps * 15)),
        )  # fmt: skip

    def card(self, held: bool = True, **more: object) -> tuple[Card, str]:
        """A card with a name."""
        rng = self.rng
        writing, text = self.writing(rng)
        printed = tuple(rng.choice(PRINTED, 2, replace=False)) if rng.random() < 0.5 else ()
        ruled = bool(rng.random() < (0.5 if self.other else 0.25))
        return card(writing, rng, printed, ruled, held, **more), text  # type: ignore[arg-type]

    def hold(
        self, start: float, end: float, amount: float = 1.0, middle: Pose | None = None
    ) -> Path:
        """Brought into view in half a second, held by a hand that sways, and taken away again."""
        rng = self.rng
        base = middle or Pose(
            0.5 + rng.uniform(-0.08, 0.08), 0.48 + rng.uniform(-0.06, 0.06), rng.uniform(0.55, 0.8),
            rng.uniform(-6, 6),
        )  # fmt: skip
        hertz = rng.uniform(0.5, 1.2) if self.other else 0.8
        sways = [
            sway(rng, amount * part, hertz) for part in (0.02, 0.025, 0.03, 3.0, 7.0, 7.0)
        ]  # of each of a pose's numbers
        away = (
            (rng.uniform(-0.5, 0.5), 1.1)
            if rng.random() < 0.6
            else (1.2 * rng.choice((-1, 1)), 0.2)
        )

        def at(time: float) -> Pose | None:
            if not start <= time <= end:
                return None
            out = 1 - eased((time - start) / 0.5) * eased((end - time) / 0.5)
            now = [value + swing(time) for value, swing in zip(base, sways, strict=True)]
            return Pose(now[0] + out * away[0], now[1] + out * away[1], *now[2:])

        return at

    def lie(self, start: float, end: float) -> Path:
        """Slid in from below, lying still, slid out again."""
        rng = self.rng
        base = Pose(
            0.5 + rng.uniform(-0.06, 0.06), 0.5 + rng.uniform(-0.06, 0.06), rng.uniform(0.55, 0.75),
            rng.uniform(-7, 7), rng.uniform(-8, 8), rng.uniform(-15, 15),
        )  # fmt: skip

        def at(time: float) -> Pose | None:
            if not start <= time <= end:
                return None
            out = 1 - eased((time - start) / 0.5) * eased((end - time) / 0.5)
            return base._replace(x=base.x + 0.4 * out, y=base.y + 1.1 * out)

        return at


def held(take: Taking) -> Film:
    """Held up, as everybody does first."""
    film = take.film()
    shown, text = take.card()
    film.actors = [Actor(shown, take.hold(0.4, 4.5), text)]
    return film


def nearer(take: Taking) -> Film:
    """Held up far away, and moved towards the camera."""
    film = take.film()
    shown, text = take.card()
    way, reach = take.hold(0.2, 4.8, 0.8), take.rng.uniform(0.35, 0.5)

    def path(time: float) -> Pose | None:
        pose = way(time)
        return pose and pose._replace(size=pose.size * (1 - reach * (1 - eased(time / 3.5))))

    film.actors = [Actor(shown, path, text)]
    return film


def tilted(take: Taking) -> Film:
    """Held up and turned this way and that."""
    film = take.film()
    shown, text = take.card()
    way = take.hold(0.4, 4.6)
    yaw, pitch = sway(take.rng, 24, 0.5), sway(take.rng, 20, 0.5)

    def path(time: float) -> Pose | None:
        pose = way(time)
        return pose and pose._replace(yaw=yaw(time), pitch=pitch(time))

    film.actors = [Actor(shown, path, text)]
    return film


def shaking_mount(take: Taking) -> Film:
    """A card on a table under a camera that trembles."""
    film = _laid(take)
    rng = take.rng
    amount = rng.uniform(0.4, 1.0) * film.size[0] / 1280
    jitter = rng.normal(0, amount, (997, 2))
    film.mount = lambda time: tuple(jitter[int(time * 240) % 997])
    return film


def bumped_mount(take: Taking) -> Film:
    """A desk arm that somebody bumps every second or so."""
    film = _laid(take)
    rng = take.rng
    amount, hertz = rng.uniform(2, 9) * film.size[0] / 1280, rng.uniform(4, 8)
    bumps = np.cumsum(rng.uniform(0.6, 1.5, 8))

    def mount(time: float) -> tuple[float, float]:
        since = [time - bump for bump in bumps if bump <= time]
        swing = sum(math.exp(-2.5 * t) * math.sin(2 * math.pi * hertz * t) for t in since[-2:])
        return amount * swing, 0.6 * amount * swing

    film.mount = mount
    return film


def people_behind(take: Taking) -> Film:
    """A card that stands still, and people who pass behind it."""
    film = take.film(people=3)
    shown, text = take.card(held=False)
    film.actors = [Actor(shown, take.hold(0.3, 4.7, 0.0), text)]
    return film


def held_in_crowd(take: Taking) -> Film:
    """Held up by one, with others behind."""
    film = take.film(people=3)
    shown, text = take.card()
    film.actors = [Actor(shown, take.hold(0.4, 4.6), text)]
    return film


def flicker(take: Taking) -> Film:
    """Lamps on the mains, seen as bands that wander, and an exposure that hunts."""
    film = _laid(take) if take.rng.random() < 0.5 else held(take)
    rng = take.rng
    rows, depth = np.arange(film.size[1], dtype=np.float32), rng.uniform(0.03, 0.09)
    waves, drift, hunt = rng.uniform(0.8, 2.5), rng.uniform(0.3, 3), sway(rng, 0.12, 0.6)

    def light(time: float) -> np.ndarray:
        phase = 2 * math.pi * (waves * rows / film.size[1] + drift * time)
        return np.asarray((1 + depth * np.sin(phase)) * (0.88 + hunt(time)), np.float32)

    film.light = light
    return film


def focus_hunts(take: Taking) -> Film:
    """Held up while the lens looks for its focus."""
    film = held(take)
    rng = take.rng
    first, again = rng.uniform(0.5, 1.2), rng.uniform(2.4, 3.2)
    worst = rng.uniform(4, 8) * film.size[0] / 1280

    def focus(time: float) -> float:
        hunts = (max(0.0, 1 - abs(time - at) / 0.5) for at in (first, again))
        return worst * max(hunts)

    film.focus = focus
    return film


def hand_over(take: Taking) -> Film:
    """Held up, and covered by a hand for a while."""
    film = held(take)
    hand, start = palm(take.rng), take.rng.uniform(2.0, 2.6)
    rest = take.rng.uniform(0.2, 0.9)
    return _covered(film, hand, start, rest)


def comes_back(take: Taking) -> Film:
    """Shown, taken away, and shown again."""
    film = take.film()
    shown, text = take.card()
    first, second = take.hold(0.2, 2.2), take.hold(3.0, 4.9)
    film.actors = [Actor(shown, lambda time: first(time) or second(time), text)]
    return film


def two_at_once(take: Taking) -> Film:
    """Two cards, one in each hand; one of them goes first."""
    film = take.film()
    film.size = film.size if film.size[0] >= 800 else (800, 600)
    behind = wall(film.size, take.rng, take.other)
    film.room = still(behind)
    for k, (x, end) in enumerate(((0.27, 3.6), (0.74, 4.6))):
        shown, text = take.card()
        while k and text == film.actors[0].text:
            shown, text = take.card()
        middle = Pose(x, 0.45 + take.rng.uniform(-0.05, 0.05), 0.4, take.rng.uniform(-5, 5))
        film.actors.append(Actor(shown, take.hold(0.3 + 0.5 * k, end, 0.6, middle), text))
    return film


def turned(take: Taking) -> Film:
    """A card that lies or is held on its side or upside down."""
    film = take.film(laid=True)
    shown, text = take.card(held=False)
    quarter = int(take.rng.choice((90, 180, 270)))
    way = take.lie(0.3, 4.6)

    def path(time: float) -> Pose | None:
        pose = way(time)
        if pose is None:
            return None
        fits = 1.0 if quarter == 180 else min(1.0, 0.8 * film.size[1] / film.size[0] / pose.size)
        return pose._replace(roll=pose.roll + quarter, size=pose.size * fits)

    film.actors = [Actor(shown, path, text)]
    return film


def shaken(take: Taking) -> Film:
    """Held up, and waved about in between."""
    film = held(take)
    (actor,) = film.actors
    start, amount = take.rng.uniform(2.0, 2.6), take.rng.uniform(0.03, 0.07)

    def path(time: float) -> Pose | None:
        pose = actor.path(time)
        if pose is None or not start <= time <= start + 0.9:
            return pose
        return pose._replace(x=pose.x + amount * math.sin(2 * math.pi * 3.3 * (time - start)))

    film.actors = [replace(actor, path=path)]
    return film


def dim(take: Taking) -> Film:
    """Held up in a dark room: the shutter stays open for long."""
    film = held(take)
    film.exposure, film.noise = float(take.rng.uniform(0.025, 0.033)), 6.0
    film.light = lambda time: np.full(film.size[1], 0.55, np.float32)
    return film


WITH: tuple[Callable[[Taking], Film], ...] = (
    held, nearer, tilted, shaking_mount, bumped_mount, people_behind, held_in_crowd, flicker,
    focus_hunts, hand_over, comes_back, two_at_once, turned, shaken, dim,
)  # fmt: skip


def hands_alone(take: Taking) -> Film:
    """Hands that wave before a room with people."""
    film = take.film(people=2)
    film.actors = [
        Actor(
            palm(take.rng), take.hold(0.2 + k, 4.0 + 0.4 * k, 3.0, Pose(0.4 + 0.2 * k, 0.6, 0.35))
        )
        for k in range(2)
    ]
    return film


def faces(take: Taking) -> Film:
    """People, near and far."""
    film = take.film(people=5)
    room = film.room

    def near(time: float) -> np.ndarray:
        seen = room(time).copy()
        x = (0.5 + 0.1 * math.sin(2 * time)) * seen.shape[1]
        person(seen, (x, 0.45 * seen.shape[0]), 0.7 * seen.shape[0], 7, time, take.other)
        return seen

    film.room = near
    return film


def book(take: Taking) -> Film:
    """A book or a leaflet is held up."""
    film = take.film(people=int(take.rng.integers(0, 3)))
    size = (700, 800) if take.rng.random() < 0.5 else (900, 420)
    shown = card(None, take.rng, paper=page(take.rng, WORDS, size))
    high = 0.75 * film.size[1] / film.size[0]
    middle = Pose(0.5, 0.45, min(0.7, high * size[0] / size[1]), take.rng.uniform(-5, 5))
    film.actors = [Actor(shown, take.hold(0.3, 4.7, 1.0, middle))]
    return film


def monitor(take: Taking) -> Film:
    """A screen in the room, and somebody before it."""
    film = take.film(people=1)
    behind = wall(film.size, take.rng, take.other)
    screen(behind, take.rng, WORDS)
    film.room = busy(behind, take.rng, 1, take.other)
    return film


def blank(take: Taking) -> Film:
    """A card with nothing on it, or with print alone."""
    film = take.film(people=int(take.rng.integers(0, 3)))
    printed = tuple(take.rng.choice(PRINTED, 2, replace=False)) if take.rng.random() < 0.6 else ()
    shown = card(None, take.rng, printed, ruled=bool(take.rng.random() < 0.5))
    film.actors = [Actor(shown, take.hold(0.3, 4.7))]
    return film


WITHOUT: tuple[Callable[[Taking], Film], ...] = (hands_alone, faces, book, monitor, blank)


def _laid(take: Taking) -> Film:
    film = take.film(laid=True)
    shown, text = take.card(held=False)
    film.actors = [Actor(shown, take.lie(0.3, 4.6), text)]
    return film


def _covered(film: Film, hand: Card, start: float, rest: float) -> Film:
    (actor,) = film.actors

    def path(time: float) -> Pose | None:
        pose = actor.path(time)
        if pose is None or not start <= time <= start + rest + 0.8:
            return None
        near = eased((time - start) / 0.4) * eased((start + rest + 0.8 - time) / 0.4)
        return Pose(pose.x + 0.9 * (1 - near), pose.y + 0.05 + 0.6 * (1 - near), 0.45, -20)

    film.actors.append(Actor(hand, path))
    return film
