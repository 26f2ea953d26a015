"""Film examples/held-up, two drawn names held up to a camera, and docs/held-up.png with what was said.

PYTHONPATH=tests python tests/make_example_frames.py
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from held.card import Grey
from held.film import Actor, Film
from held.room import busy, wall
from held.scenes import Taking
from hwr_edge.camera.frames import Frame
from hwr_edge.camera.look import Look
from hwr_edge.camera.watch import watch
from hwr_edge.image.decode import read_grey
from hwr_edge.line.recognizer import Recognizer

ROOT = Path(__file__).resolve().parents[1]
FRAMES, PICTURE = ROOT / "examples" / "held-up", ROOT / "docs" / "held-up.png"
NAMES = ("manon", "thomas")
_SIZE, _FPS, _EACH = (640, 480), 8.0, 2.2  # pixels, frames a second, seconds of a card
_WIDE, _GREEN = 300, (60, 160, 40)  # of a frame in the picture


def film() -> Film:
    """Somebody holds up one card and then another, and somebody passes behind."""
    rng = np.random.default_rng(8)
    room = busy(wall(_SIZE, rng, other=False), rng, people=1, other=False)
    made = Film(_SIZE, _FPS, len(NAMES) * _EACH, room, rng, noise=2.0)
    for place, name in enumerate(NAMES):
        ink = read_grey(ROOT / "examples" / f"{name}.png")
        take = Taking(rng, partial(_written, ink, name.upper()))
        shown, text = take.card()
        start = place * _EACH
        made.actors.append(Actor(shown, take.hold(start + 0.1, start + _EACH - 0.1), text))
    return made


def _written(ink: Grey, text: str, rng: np.random.Generator) -> tuple[Grey, str]:
    return ink, text


def picture(looks: list[Look]) -> Grey:
    """A strip: each name while it is read, and when it is said; uint8 (h, w, 3)."""
    parts = []
    for before, look in pairwise(looks):
        if look.reported:
            parts += [_shown(before, []), _shown(look, [one.reading.text for one in look.reported])]
    return np.asarray(np.hstack(parts), np.uint8)


def _shown(look: Look, reported: list[str]) -> Grey:
    assert look.frame is not None
    shown = cv2.cvtColor(look.frame.pixels, cv2.COLOR_GRAY2BGR)
    for x, y, width, height in look.boxes:
        cv2.rectangle(shown, (x, y), (x + width, y + height), _GREEN, 2)
    text = f"said: {' '.join(reported)}" if reported else look.hint.value
    cv2.rectangle(shown, (0, 440), _SIZE, (255, 255, 255), -1)
    cv2.putText(
        shown, text, (12, 470), 0, 1.0, _GREEN if reported else (90, 90, 90), 2, cv2.LINE_AA
    )
    size = _WIDE, round(_WIDE * _SIZE[1] / _SIZE[0])
    return np.asarray(cv2.resize(shown, size, interpolation=cv2.INTER_AREA), np.uint8)


def main() -> None:
    """Write the frames and the picture."""
    FRAMES.mkdir(exist_ok=True)
    for place, pixels in enumerate(film().frames()):
        cv2.imwrite(str(FRAMES / f"{place:03}.jpg"), pixels, [cv2.IMWRITE_JPEG_QUALITY, 70])
    files = sorted(FRAMES.glob("*.jpg"))
    frames = (Frame(k / _FPS, read_grey(file)) for k, file in enumerate(files))
    looks = list(watch(frames, Recognizer().read_grey))
    print([(one.reading.text, round(one.time, 2)) for look in looks for one in look.reported])
    cv2.imwrite(str(PICTURE), picture(looks), [cv2.IMWRITE_PNG_COMPRESSION, 9])


if __name__ == "__main__":
    main()
