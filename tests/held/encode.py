"""Video files of films: H.264 at low rates and Motion JPEG, by PyAV where it is installed."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clips import write_video


def encode(
    path: Path, frames: Iterable[NDArray[np.uint8]], fps: float, codec: str, bitrate: int
) -> Path:
    """Write grey frames, uint8 (H, W), to a file that ends in .mkv or .avi.

    Args:
        codec: h264, by libx264, or mjpeg.
        bitrate: bits a second of h264.
    """
    if codec == "mjpeg":
        return write_video(path, frames, "MJPG", fps)
    import av

    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=Fraction(fps).limit_denominator(1000))
        stream.pix_fmt, stream.bit_rate = "yuv420p", bitrate
        stream.options = {"preset": "veryfast", "tune": "zerolatency"}
        for place, pixels in enumerate(frames):
            if place == 0:
                stream.width, stream.height = pixels.shape[1], pixels.shape[0]
            file.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="gray")))
        file.mux(stream.encode())
    return path
