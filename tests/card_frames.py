"""Frames of cards that are laid on a table, small and few: for long work and for kills."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from clips import Film, sheet
from hwr_edge.image.decode import read_grey

_EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
_SIZE = (640, 360)
_LIES = 1.3  # seconds, in which a name is settled


def film(names: Sequence[str], seed: int = 1) -> Iterator[NDArray[np.uint8]]:
    """Frames, uint8 (360, 640), 15 a second, in which examples of these names lie one after the other.

    The model that ships reads them.
    """
    rng = np.random.default_rng(seed)
    made = Film(rng, _SIZE, noise=1.0).empty(0.2)
    for name in names:
        writing = read_grey(_EXAMPLES / f"{name}.png")
        large = cv2.resize(writing, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
        paper = sheet(np.asarray(large, np.uint8), rng, printed=False)
        made = made.lay(paper, name).empty(_LIES).take().empty(0.2)
    return made.end().frames()


def frames(folder: Path, names: Sequence[str]) -> None:
    """The same as files in a new folder."""
    folder.mkdir()
    for k, pixels in enumerate(film(names)):
        cv2.imwrite(str(folder / f"{k:04}.jpg"), pixels)
