"""Drawn fields with nothing written, which a model should read as empty."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hwr_edge.image.pixels import Grey
from hwr_train.synthetic.fields import FieldGenerator

EMPTY_FIELDS = 500  # fields that are drawn
_EMPTY_SEED = 2**20  # one that training is not given


def empty_fields() -> Iterator[Grey]:
    """EMPTY_FIELDS drawn fields: print, specks, ruled lines, shadows, and nothing written."""
    maker = FieldGenerator(seed=_EMPTY_SEED, empty_share=1.0)
    for k in range(EMPTY_FIELDS):
        yield maker.make(np.random.default_rng((_EMPTY_SEED, k)))[1]
