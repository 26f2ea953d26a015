"""A line of writing on a card, for as long as that is in view."""

from __future__ import annotations

import math
from dataclasses import dataclass

from hwr_edge.camera.follow import Move
from hwr_edge.camera.likeness import SAME, SAME_TEXT, similarity
from hwr_edge.camera.quality import Hint
from hwr_edge.camera.sheets import Hull
from hwr_edge.camera.vote import Ballot
from hwr_edge.image.pixels import Grey
from hwr_edge.line.reading import Reading
from hwr_edge.page.locate import Line


@dataclass(eq=False)
class Track:
    """A line of writing, for as long as its card is there.

    number: one for each appearance; 0 before a name was read.
    line: as it was last located.
    place: its corners in the view of then, clockwise as it is read.
    pose: its card's, when that was.
    ink: by which it is known again.
    reported: whether its name was reported.
    written: sum of the frames' probabilities that it is handwriting.
    frames: that it was read in.
    since: seconds, of the frame in which it was first located or last read.
    open_since: seconds, of the frame in which it first seemed to go on beyond its card's outline.
    covered: views in a row in which something is before it.
    next_read: seconds, of the next frame that it is read in.
    crop: uint8 (h, w), the line in the frame that settled it.
    fault: what kept it from being read in the last frame.
    """

    line: Line
    place: Hull
    pose: Move
    ballot: Ballot
    ink: Grey
    number: int = 0
    reading: Reading | None = None
    closed: bool = False
    reported: bool = False
    written: float = 0.0
    frames: int = 0
    since: float = 0.0
    open_since: float = math.inf
    covered: int = 0
    next_read: float = -math.inf
    crop: Grey | None = None
    fault: Hint | None = None

    @property
    def text(self) -> str:
        """What is read so far."""
        return self.reading.text if self.reading else ""

    @property
    def handwriting(self) -> float:
        """Probability that it is handwriting, by all frames that it was read in."""
        return self.written / max(self.frames, 1)

    @property
    def likely(self) -> float:
        """Probability that it is handwriting and what is read of it is right; 0 where nothing is."""
        return self.handwriting * self.reading.confidence if self.reading and self.text else 0.0

    def is_other(self, ink: Grey) -> bool:
        """Whether writing of that ink, in the place of this, is to be read though this gave no name."""
        return self.closed and not self.reported and similarity(self.ink, ink) < SAME

    def is_same_line(self, ink: Grey, text: str) -> bool:
        """Whether a line of that ink and text is this one."""
        return similarity(self.ink, ink) >= (SAME_TEXT if text == self.text else SAME)
