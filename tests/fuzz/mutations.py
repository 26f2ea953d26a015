"""Hypothesis' way to change bytes: parts of corpus files, cut, repeated, overwritten and put together."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from fuzz.changes import EDGES, TOKENS


@st.composite
def mutated(draw: st.DrawFn, corpus: Sequence[bytes]) -> bytes:
    """A corpus file after up to eight changes; now and then bytes that are none."""
    if draw(st.integers(0, 30)) == 0:
        return draw(st.binary(max_size=300))
    data = bytearray(draw(st.sampled_from(corpus)))
    for _ in range(draw(st.integers(0, 8))):
        _change(draw, data, corpus)
    return bytes(data)


def _change(draw: st.DrawFn, data: bytearray, corpus: Sequence[bytes]) -> None:
    at = draw(st.integers(0, len(data)))
    length = draw(st.sampled_from((1, 2, 4, 8, 64, 1000)))
    how = draw(st.integers(0, 6))
    if how == 0:
        data[at : at + 1] = bytes([draw(st.integers(0, 255))])
    elif how == 1:
        value, size = draw(st.sampled_from(EDGES)), draw(st.sampled_from((1, 2, 4)))
        order = draw(st.sampled_from(("little", "big")))
        data[at : at + size] = (value % 256**size).to_bytes(size, order)
    elif how == 2:
        del data[at : at + length]
    elif how == 3:
        data[at:at] = data[at : at + length] * draw(st.integers(1, 20))
    elif how == 4:
        data[at:at] = draw(st.sampled_from(TOKENS)) * draw(st.integers(1, 200))
    elif how == 5:
        other = draw(st.sampled_from(corpus))
        start = draw(st.integers(0, len(other)))
        data[at : at + length] = other[start : start + length]
    else:
        del data[at:]
