"""An image file in, grey pixels out.

In: a path, or bytes. Out: uint8 (H, W), upright, ink dark; or an `ImageError`.
Public: `decode.read_grey`, `document.Document`, `sources.find`, `pixels` (the types of all that follows).
"""

import os

from hwr_edge.limits import MOST_PIXELS

# OpenCV's own limit, beside the one on what headers say. It is read when OpenCV is loaded.
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(MOST_PIXELS))
