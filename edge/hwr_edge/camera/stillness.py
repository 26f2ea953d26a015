"""Whether the scene is still: each view compared with the one since which nothing moved.

Comparing with the beginning of the stillness, not with the frame before, finds slow movements too,
and does not depend on the frame rate.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from hwr_edge.image.pixels import Grey, Mask

# Set by hand; `make bench-camera` measures what they lead to.
_CHANGED = 14  # grey levels by which a pixel of the view differs, beyond noise
_MOVING = 0.003  # of the view's pixels: less than a finger


class Stillness:
    """Follows the views of a scene.

    anchor: the view since which nothing moved, as `soften` makes it.
    """

    def __init__(self) -> None:
        self.anchor: Grey | None = None
        self._since = math.inf

    def update(self, view: Grey, time: float) -> float:
        """How long nothing has moved, in seconds; 0 where something just did.

        Args:
            view: uint8 (h, w), as `Frame.view` makes it; of another shape than before it is a new scene.
            time: seconds, of the frame.
        """
        soft = softened(view)
        if self.anchor is None or differs(self.anchor, soft):
            self.anchor, self._since = soft, time
        return time - self._since


def softened(view: Grey) -> Grey:
    """A view without the noise of its pixels, uint8 (h, w)."""
    return np.asarray(cv2.blur(view, (3, 3)), np.uint8)


def differs(before: Grey, now: Grey, share: float = _MOVING) -> bool:
    """Whether more than that share of the pixels changed between two softened views.

    A lamp or the exposure changes all pixels alike: that is no movement.
    """
    if before.shape != now.shape:
        return True
    return cv2.countNonZero(changed(before, now)) > share * now.size


def changed(before: Grey, now: Grey) -> Mask:
    """The pixels that changed between two softened views of one size, uint8 (h, w), 0 or 1; light as in `differs`."""
    lighter = float(cv2.mean(now)[0] - cv2.mean(before)[0])
    if abs(lighter) > 1:
        before = np.asarray(np.clip(before + lighter, 0, 255), np.uint8)
    found = cv2.threshold(cv2.absdiff(now, before), _CHANGED, 1, cv2.THRESH_BINARY)[1]
    return np.asarray(found, np.uint8)
