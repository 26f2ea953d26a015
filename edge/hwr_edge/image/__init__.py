"""An image file in, grey pixels out; and what is seen in pixels alone: ink, ruled lines, components.

In: a path, bytes, a Pillow image or pixels. Out: uint8 (H, W), upright, ink dark; or an `ImageError`.
Public: `decode.read_grey`, `decode.to_grey`, `document.Document` (files of many pages), `anything.opened`,
`sources.find` (a command line's images), `pixels` (the types of all that follows); `ink.flatten_light`,
`ink.ink_of`, `ruled_lines.find_ruled_line_bands`, `ruled_lines.ruled_line_pixels`, `morphology.connected_components`.
"""

import os

from hwr_edge.limits import MOST_PIXELS

# OpenCV's own limit, beside the one on what headers say. It is read when OpenCV is loaded.
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(MOST_PIXELS))
