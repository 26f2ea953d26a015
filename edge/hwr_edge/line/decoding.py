"""From an image's logits to its reading: text, confidence, alternatives and match."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.pixels import Box
from hwr_edge.line.beam import Candidate, beam_search, likeliest_texts, nonblank_frames
from hwr_edge.line.card import ModelCard
from hwr_edge.line.confidence import probability, reading_features
from hwr_edge.line.ctc import LogProbs, log_softmax
from hwr_edge.line.decoder import DecodedText, Decoder
from hwr_edge.line.name_model import NameModel
from hwr_edge.line.reading import Alternative, Reading

if TYPE_CHECKING:
    from hwr_edge.line.matching import Match
    from hwr_edge.line.roster import Roster

_TWIN = 0.05  # times as likely as the match: a name that is always shown beside it


def matching_way(names: NameModel | None) -> str:
    """What a card's weights for rosters are named, with a name model and without."""
    return "roster" if names else "roster-greedy"


class Decoding(NamedTuple):
    """What logits are read with, as `Recognizer` takes it."""

    card: ModelCard
    names: NameModel | None
    roster: Roster | None
    top: int
    accept: float | None

    def reading(self, logits: NDArray[np.float32], box: Box) -> Reading:
        """The reading of an image's logits, float32 (T, classes), as the runtime gives them."""
        logits = logits[: len(logits) - self.card.drop_frames]
        log_probs = log_softmax(logits)
        candidates: list[Candidate] = []
        if self.names or self.roster:
            frames = nonblank_frames(log_probs)
            candidates = beam_search(frames, names=self.names)
        if self.names:
            texts = likeliest_texts(candidates, frames, self.card.charset, 1 + self.top)
        else:
            from hwr_edge.line.greedy import decode_text

            texts = [decode_text(logits, self.card.charset)]
        best, *rest = self._calibrated(texts)
        alternatives = [Alternative(text.text, text.confidence) for text in rest]
        matched, confidence, count = None, best.confidence, self.top
        if self.roster:
            matched, names, twins = self._matched(log_probs, self.roster, candidates)
            confidence = matched.confidence if matched.name is not None else 0.0
            count, known = max(count, twins), {name.text for name in names}
            alternatives = [*names, *(a for a in alternatives if a.text not in known)]
        return Reading(
            best.text,
            best.confidence,
            best.letter_confidences,
            box,
            tuple(alternatives[:count]),
            matched,
            None if self.accept is None else confidence < self.accept,
        )

    def _matched(
        self, log_probs: LogProbs, roster: Roster, candidates: Sequence[Candidate]
    ) -> tuple[Match, list[Alternative], int]:
        """The match, the roster's other names by their likelihood, and how many of them are always shown."""
        from hwr_edge.line.matching import match

        weights = self.card.confidence[matching_way(self.names)]
        matched, *others = match(log_probs, roster, candidates, weights)
        names = [Alternative(other.name or "", other.confidence) for other in others]
        likeliest = matched.confidence if matched.name is not None else 0.0
        likeliest = likeliest or max((name.confidence for name in names), default=0.0)
        return matched, names, sum(name.confidence >= _TWIN * likeliest for name in names)

    def _calibrated(self, texts: list[DecodedText]) -> list[DecodedText]:
        """With the probability that each is right; the rest is shared as the decoder shares it."""
        decoder = Decoder.BEAM if self.names else Decoder.GREEDY
        weights = self.card.confidence.get(decoder.value)
        if weights is None:
            return texts
        best, *others = texts
        sure = probability(weights, reading_features(best.confidence, best.log_prob))
        rest = (1 - sure) / max(1 - best.confidence, 1e-9)
        return [
            best._replace(confidence=sure),
            *(o._replace(confidence=min(o.confidence * rest, 1 - sure)) for o in others),
        ]
