"""What can be chosen when a model is quantized; imports nothing heavy, so that --help is quick."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

CALIBRATION = 400
"""Training canvases that ranges are calibrated with."""
MAX_SIZE = 2_000_000
"""Bytes of the file that ships."""


class Lowering(StrEnum):
    """How LSTMs are written in the file; `lower.py` tells what each is good for."""

    FOLDED = "folded"
    UNROLLED = "unrolled"
    FUSED = "fused"


@dataclass(frozen=True)
class Options:
    """How to quantize.

    calibration: how many training canvases; seed picks them.
    max_size: bytes that the file may have, its card included.
    """

    lowering: Lowering = Lowering.FOLDED
    calibration: int = CALIBRATION
    seed: int = 0
    max_size: int = MAX_SIZE
