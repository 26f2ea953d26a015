"""The ways from logits to a name, by name; light to import, for help texts."""

from __future__ import annotations

from enum import StrEnum


class Decoder(StrEnum):
    """How logits become a name.

    greedy: the likeliest letter of each frame, the image alone.
    beam: the likeliest name, by the image and by how names are spelt.
    """

    GREEDY = "greedy"
    BEAM = "beam"
