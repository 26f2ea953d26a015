"""Hypothesis strategies that several tests draw from."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from hwr_edge.line.charset import Charset
from hwr_edge.line.ctc import log_softmax

LETTERS = "ABCÉ '-"

texts = st.text(alphabet=LETTERS, max_size=12)
"""Texts with doubled letters often enough, since the alphabet is small."""

charsets = st.lists(
    st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40, unique=True
).map(lambda letters: Charset("".join(letters)))


@st.composite
def grey_images(draw: st.DrawFn, largest: int = 80) -> NDArray[np.uint8]:
    """uint8 (H, W) noise of any size from 1x1."""
    height, width = draw(st.tuples(st.integers(1, largest), st.integers(1, largest)))
    seed = draw(st.integers(0, 2**32 - 1))
    return np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)


@st.composite
def log_probs(draw: st.DrawFn, frames: int = 5, classes: int = 4) -> NDArray[np.float32]:
    """float32 (T, C) log-probabilities, small enough to go through every path."""
    shape = draw(st.integers(1, frames)), draw(st.integers(2, classes))
    seed = draw(st.integers(0, 2**32 - 1))
    return log_softmax(np.random.default_rng(seed).normal(0, 2, shape).astype(np.float32))


@st.composite
def alignments(draw: st.DrawFn) -> tuple[str, list[int]]:
    """A text over LETTERS, and the classes of frames that a perfect model would give it."""
    text = draw(texts)
    path: list[int] = []
    before: Any = None
    for letter in text:
        blanks = draw(st.integers(1 if letter == before else 0, 2))
        path += [0] * blanks + [LETTERS.index(letter) + 1] * draw(st.integers(1, 3))
        before = letter
    path += [0] * draw(st.integers(0 if path else 1, 2))
    return text, path
