"""Film examples/cards.mp4, two drawn names laid down in turn: python tests/make_example_clip.py"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))

from clips import Film, sheet, write_video
from handwriting import handwriting

CLIP = Path(__file__).resolve().parents[1] / "examples" / "cards.mp4"
SIZE = (854, 480)


def main() -> None:
    """Write the clip: small, of little noise, so that it compresses well."""
    rng = np.random.default_rng(5)
    film = Film(rng, SIZE, noise=0.8).empty(0.3)
    for name in ("MANON", "THOMAS"):
        film.lay(sheet(handwriting(name, rng), rng), name).empty(1)
        if name == "MANON":
            film.pass_hand().empty(0.3)
        film.take().empty(0.7)
    write_video(CLIP, film.frames(), "mp4v")


if __name__ == "__main__":
    main()
