"""Whether the scene is still: each view compared with the one since which nothing moved.

Comparing with the beginning of the stillness, not with the frame before, finds slow movements too,
and does not depend on the frame rate.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from hwr_edge.preprocess import Grey

_CHANGED = 14  # grey levels by which a pixel of the view differs, beyond noise
_MOVING = 0.003  # of the view's pixels: less than a finger


class Stillness:
    """Follows the views of a scene."""

    def __init__(self) -> None:
        self._anchor: Grey | None = None
        self._light = 0.0
        self._since = math.inf

    def update(self, view: Grey, time: float) -> float:
        """How long nothing has moved, in seconds; 0 where something just did.

        Args:
            view: uint8 (h, w), as `Frame.view` makes it; of another shape than before it is a new scene.
            time: seconds, of the frame.
        """
        soft = np.asarray(cv2.blur(view, (3, 3)), np.uint8)
        if self._anchor is None or self._anchor.shape != soft.shape or self._moved(soft):
            self._anchor, self._light, self._since = soft, float(cv2.mean(soft)[0]), time
        return time - self._since

    def _moved(self, soft: Grey) -> bool:
        assert self._anchor is not None
        # A lamp or the exposure changes all pixels alike: that is no movement.
        lighter = float(cv2.mean(soft)[0]) - self._light
        before = (
            cv2.convertScaleAbs(self._anchor, alpha=1, beta=lighter)
            if abs(lighter) > 1
            else self._anchor
        )
        changed = cv2.threshold(cv2.absdiff(soft, before), _CHANGED, 1, cv2.THRESH_BINARY)[1]
        return cv2.countNonZero(changed) > _MOVING * soft.size
