"""Whether a line may go on beyond what is seen of its card."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.camera.cards import Card
from hwr_edge.camera.follow import moved
from hwr_edge.camera.tracks import Track
from hwr_edge.image.pixels import Grey

Point = NDArray[np.float32]


@dataclass(frozen=True)
class _Limits:
    """When a card ends where its outline does; chosen on made films (`make bench-camera`).

    near: letters' heights from a line's end to the outline; from farther inside a line hardly goes on.
    touches, rim: likewise, from where a line ends at the outline itself, and pixels of the view in any case.
    rows: of the line's height from its middle, where it is looked beyond the end of such a line.
    beyond: pixels of the view outside of the outline that are looked at, from and to.
    as_bright: part of the paper's brightness from which what lies there may be paper, too.
    """

    near: float = 0.7
    touches: float = 0.25
    rim: float = 3.0
    rows: tuple[float, ...] = (-0.3, 0.0, 0.3)
    beyond: tuple[int, int] = (2, 5)
    as_bright: float = 0.9


_LIMITS = _Limits()


def is_cut(card: Card, track: Track) -> bool:
    """Whether a line comes near to where the view ended when its card was outlined."""
    if card.cut is None:
        return False
    place, border = card.place_of(track), moved(card.cut, card.pose)
    letter = float(np.linalg.norm(place[3] - place[0]))
    ways = [abs(cv2.pointPolygonTest(border, (float(x), float(y)), True)) for x, y in place]
    return min(ways) < letter


def is_open(card: Card, track: Track, view: Grey, touching: bool = False) -> bool:
    """Whether a line ends near its card's outline where paper seems to go on: that was outlined in part.

    Args:
        view: uint8 (h, w), the present one.
        touching: whether only a line counts that ends at the outline itself.
    """
    if not card.paper:
        return False
    place = card.place_of(track)
    up = place[0] - place[3]
    letter = float(np.linalg.norm(up))
    along = (place[1] - place[0]) / max(float(np.linalg.norm(place[1] - place[0])), 1e-6)
    ends = (((place[0] + place[3]) / 2, -along), ((place[1] + place[2]) / 2, along))
    near = max(_LIMITS.touches * letter, _LIMITS.rim) if touching else _LIMITS.near * letter
    rows = _LIMITS.rows if touching else (0.0,)
    return any(
        _is_paper_beyond(end + np.float32(row) * up, way, near, card, view)
        for end, way in ends
        for row in rows
    )


def _is_paper_beyond(end: Point, way: Point, near: float, card: Card, view: Grey) -> bool:
    way_out = end + way * np.arange(0, near)[:, None]
    hull = card.hull
    out = [cv2.pointPolygonTest(hull, (float(x), float(y)), False) < 0 for x, y in way_out]
    if not any(out):
        return False
    beyond = way_out[out.index(True)] + way * np.arange(*_LIMITS.beyond)[:, None]
    x, y = np.round(beyond.T).astype(int)
    inside = (x >= 0) & (y >= 0) & (x < view.shape[1]) & (y < view.shape[0])
    seen = view[y[inside], x[inside]]
    return bool(seen.size) and float(seen.mean()) >= _LIMITS.as_bright * card.anchor.brightness
