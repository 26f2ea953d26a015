"""Small files that cost a library far more than their size says; made here, none is anybody's."""

from __future__ import annotations

import struct

import cv2
import numpy as np

from images import tiff


def laughing_pdf(levels: int = 9) -> bytes:
    """A PDF whose page draws a form ten times, which draws another one ten times, and so on."""
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 300] /Contents 4 0 R "
        "/Resources << /XObject << /F 5 0 R >> >> >>",
        stream_of("", "/F Do " * 10),
    ]
    form = "/Type /XObject /Subtype /Form /BBox [0 0 200 300]"
    for level in range(levels):
        inner = f"{form} /Resources << /XObject << /F {6 + level} 0 R >> >>"
        objects.append(stream_of(inner, "/F Do " * 10))
    objects.append(stream_of(form, "0 0 9 9 re f"))
    return pdf_of(objects)


def endless_pdf(pages: int = 1_000_000) -> bytes:
    """A PDF that says how many pages it has, and has one."""
    return pdf_of(
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            f"<< /Type /Pages /Kids [3 0 R] /Count {pages} >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 300] >>",
        ]
    )


def stream_of(entries: str, content: str) -> str:
    """An object with bytes after it."""
    return f"<< {entries} /Length {len(content)} >>\nstream\n{content}\nendstream"


def pdf_of(objects: list[str]) -> bytes:
    """A PDF of its objects, the catalogue first."""
    out, starts = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        starts.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = "".join(f"{start:010d} 00000 n \n" for start in starts)
    size = len(objects) + 1
    tail = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer << /Size {size} /Root 1 0 R >>\n"
    return out + f"{tail}startxref\n{len(out)}\n%%EOF\n".encode()


def progressive_jpeg(side: int, again: int = 0) -> bytes:
    """A grey progressive JPEG whose last scan comes so many more times."""
    image = np.full((side, side), 200, np.uint8)
    image[side // 4 : side // 2, side // 4 : side // 2] = 30
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])
    assert done
    whole = data.tobytes()
    start = whole.rindex(b"\xff\xda")
    return whole[:-2] + whole[start:-2] * again + b"\xff\xd9"


def deep_tiff(side: int, bits: int = 64, samples: int = 4) -> bytes:
    """A TIFF of few bytes that says it has so many pixels of so many bits and samples."""
    return tiff(b"\0" * 8, side, side, bits=bits, samples=samples, photometric=2)


def long_tiff(pages: int) -> bytes:
    """A TIFF of so many directories, each of one entry."""
    out = b"II*\0" + struct.pack("<I", 8)
    for page in range(pages):
        at = 8 + 18 * (page + 1) if page + 1 < pages else 0
        out += struct.pack("<HHHIII", 1, 256, 4, 1, 1, at)
    return out
