"""What was read in one image of a line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from hwr_edge.image.pixels import Box

if TYPE_CHECKING:
    from hwr_edge.line.matching import Match

_DIGITS = 4  # of a confidence that is written down


class Alternative(NamedTuple):
    """Another text that the image may show, with its probability, 0 to 1."""

    text: str
    confidence: float


class Letter(NamedTuple):
    """A letter of the text, the highest probability it reaches, 0 to 1, and where it stands.

    box: x, y, width, height in pixels of the upright image.
    """

    text: str
    confidence: float
    box: Box


@dataclass(frozen=True)
class Reading:
    """What was read in one image.

    text: the name without outer spaces, "" where nothing is written.
    confidence: probability that the whole text is right, 0 to 1.
    letter_confidences: one for each letter of text, 0 to 1.
    box: x, y, width, height in pixels of the upright image.
    alternatives: what it may be instead, the likeliest first, where they were asked for; with a roster
        its other names stand before other texts.
    match: the roster's name for it, where there is a roster.
    review: whether a person should look, where it was said what to accept.
    letters: one for each letter of text, where they were asked for.
    cell: row and column, from 1, of a page with a table or several columns.
    """

    text: str
    confidence: float
    letter_confidences: tuple[float, ...]
    box: Box
    alternatives: tuple[Alternative, ...] = ()
    match: Match | None = None
    review: bool | None = None
    letters: tuple[Letter, ...] = ()
    cell: tuple[int, int] | None = None

    def doubted(self) -> Reading:
        """The same where not all of the writing was in the image: nothing says that it is right."""
        return replace(
            self,
            confidence=0.0,
            match=self.match and self.match._replace(confidence=0.0),
            review=None if self.review is None else True,
        )

    def moved(self, box: Box, to_image: Callable[[Box], Box]) -> Reading:
        """The same in a larger image.

        Args:
            box: of the line in that image.
            to_image: from a box in the line's crop to one in that image.
        """
        letters = tuple(letter._replace(box=to_image(letter.box)) for letter in self.letters)
        return replace(self, box=box, letters=letters)

    def to_dict(self, top: int = 0, letters: bool = False) -> dict[str, Any]:
        """As the command prints it in JSON.

        Args:
            top: how many alternatives were asked for: with any, there is a list of them, also an empty one.
            letters: also the list of letters with their boxes, which the command has not.
        """
        found: dict[str, Any] = {
            "text": self.text,
            "confidence": round(self.confidence, _DIGITS),
            "box": list(self.box),
        }
        if self.cell:
            found["row"], found["column"] = self.cell
        if top or self.alternatives:
            found["alternatives"] = [
                {"text": other.text, "confidence": round(other.confidence, _DIGITS)}
                for other in self.alternatives
            ]
        if self.match:
            found["match"] = self.match.name
            found["match_confidence"] = round(self.match.confidence, _DIGITS)
        if self.review is not None:
            found["review"] = self.review
        if letters:
            found["letters"] = [
                {"text": text, "confidence": round(sure, _DIGITS), "box": list(box)}
                for text, sure, box in self.letters
            ]
        return found
