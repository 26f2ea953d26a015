"""A drawn field as a camera sees it: lit unevenly, a little askew, soft, grainy, on ruled paper."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.pixels import Grey

_SQUEEZE = (50, 96)  # JPEG qualities


def photograph(field: Grey, rng: np.random.Generator) -> Grey:
    """Ink on white, uint8 (H, W), as a photograph of the same size."""
    height, width = field.shape
    paper, pen = rng.uniform(120, 240), rng.uniform(0.05, 0.62)
    image: NDArray[Any] = field.astype(np.float32) / 255
    if rng.random() < 0.4:
        _rule(image, rng)
    image = pen + (1 - pen) * image  # a pencil or a light ink keeps far from black
    image = _turn(image, rng)
    image *= paper * _light(height, width, rng)
    if rng.random() < 0.8:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 1.0))
    if rng.random() < 0.15:
        length = int(rng.integers(2, 5))
        image = cv2.blur(image, (length, 1) if rng.random() < 0.5 else (1, length))
    grain: NDArray[Any] = rng.normal(0, rng.uniform(0.5, 7), (height, width))
    if rng.random() < 0.5:
        grain = cv2.GaussianBlur(grain, (0, 0), rng.uniform(0.4, 1.2)) * 2
    grey = np.clip(image + grain, 0, 255).astype(np.uint8)
    packed = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(*_SQUEEZE))])
    return np.asarray(cv2.imdecode(packed[1], cv2.IMREAD_GRAYSCALE), np.uint8)


def _rule(image: NDArray[Any], rng: np.random.Generator) -> None:
    """Printed lines, dots or a box to write in, paler than the ink."""
    height, width = image.shape
    shade, thick = rng.uniform(0.55, 0.92), int(rng.integers(1, 3))
    kind = rng.random()
    if kind < 0.5:
        pitch = int(rng.integers(14, 40))
        for y in range(int(rng.integers(0, pitch)), height, pitch):
            cv2.line(image, (0, y), (width, y), shade, thick)
        if rng.random() < 0.3:
            for x in range(int(rng.integers(0, pitch)), width, pitch):
                cv2.line(image, (x, 0), (x, height), shade, thick)
    elif kind < 0.75:
        y = int(height * rng.uniform(0.75, 0.95))
        for x in range(int(rng.integers(0, 8)), width, int(rng.integers(3, 6))):
            cv2.circle(image, (x, y), 0, shade * 0.8, -1)
    else:
        corner = int(rng.integers(0, 8)), int(rng.integers(0, 5))
        other = width - int(rng.integers(1, 8)), height - int(rng.integers(1, 5))
        cv2.rectangle(image, corner, other, shade * 0.8, thick)


def _turn(image: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
    """Seen a little from the side: the corners move by some pixels."""
    height, width = image.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    tilt = width * np.tan(np.radians(rng.normal(0, 0.7))) / 2
    moved = corners + rng.normal(0, 0.02 * height, (4, 2))
    moved[:, 1] += [-tilt, tilt, tilt, -tilt]
    matrix = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    turned = cv2.warpPerspective(image, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(turned, np.float32)


def _light(height: int, width: int, rng: np.random.Generator) -> NDArray[Any]:
    """How bright each place is, 0.3 to 1.2: a slope, and now and then the edge of a shadow."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    slope = rng.uniform(-0.25, 0.25)
    light = 1 + slope * (x / width - 0.5) + rng.uniform(-0.1, 0.1) * (y / height - 0.5)
    if rng.random() < 0.3:
        angle = rng.uniform(0, 2 * np.pi)
        place = (x - rng.uniform(0, width)) * np.cos(angle) + (y - height / 2) * np.sin(angle)
        depth = rng.uniform(0.1, 0.5)
        light *= 1 - depth / (1 + np.exp(-place / rng.uniform(2, 30)))
    return np.asarray(light, np.float32)
