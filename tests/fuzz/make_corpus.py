"""Makes the corpus: `python -m fuzz.make_corpus`. What was found, and keeps its name found-..., stays."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np

from bombs import endless_pdf, laughing_pdf, long_tiff, progressive_jpeg
from fakes import TINY_MODEL
from fuzz.__main__ import CORPUS
from fuzz.targets import TARGETS
from hwr_edge.line.name_model import NameModel
from hwr_edge.results.tables import CSV_KEYS
from images import bmp, chunk, encode, png, tiff, with_exif

_SMALL = np.arange(60, dtype=np.uint8).reshape(6, 10)
_ROW = {"schema": 1, "image": "a.png", "text": "LEA", "confidence": 0.5, "box": [0, 0, 9, 9]}
_HEAD = {"schema": 1, "results": "0" * 64}
_FORM = 'schema = 1\npicture = "p.png"\n\n[[field]]\nname = "Nom"\nbox = [1, 2, 30, 10]\n'
_POST = (
    "POST /rows/0 HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nCookie: hwr-edge-review-PORT=x\r\n"
    'Content-Type: application/json\r\nContent-Length: 28\r\n\r\n{"version": 0, "answer": "A"}'
)


def _images() -> dict[str, bytes]:
    made = {f"plain{end}": encode(end, _SMALL) for end in (".jpg", ".png", ".tif", ".webp", ".bmp")}
    made |= {f"turned{end}": with_exif(end, _SMALL, 6) for end in (".jpg", ".png", ".tif", ".webp")}
    colour = np.dstack([_SMALL] * 4)
    made |= {f"clear{end}": encode(end, colour) for end in (".png", ".webp")}
    made["progressive.jpg"] = progressive_jpeg(16, again=2)
    made["no-depth.png"] = png([b"\0"], 1, 0, 0, chunk(b"tRNS", b"\0\7"))
    made["palette.bmp"] = bmp(b"\0\1\2\3" * 2, 4, 2, 8, bytes(range(256)) * 4)
    made["deep.tif"] = tiff(b"\0" * 64, 2, 2, bits=32, samples=4, photometric=2)
    return made


def _documents() -> dict[str, bytes]:
    done, pages = cv2.imencodemulti(".tif", [_SMALL, _SMALL[:, ::-1]])
    assert done
    return {
        "two.tif": pages.tobytes(),
        "long.tif": long_tiff(20),
        "one.pdf": endless_pdf(1),
        "endless.pdf": endless_pdf(1_000_000),
        "nested.pdf": laughing_pdf(1),
    }


def _name_model(folder: Path) -> dict[str, bytes]:
    path = folder / "made.npz"
    costs = np.arange(10, dtype=np.uint8).reshape(2, 5)
    NameModel(" ABC", np.array([0, 3], np.uint64), costs, 0.1).save(path)
    data = path.read_bytes()
    path.unlink()
    return {"small.npz": data}


def _texts() -> dict[str, dict[str, bytes]]:
    row, head = json.dumps(_ROW), json.dumps(_HEAD)
    more = json.dumps(
        _ROW
        | {
            "page": 2,
            "field": "Nom",
            "turn": 90,
            "alternatives": [{"text": "L", "confidence": 0.1}],
        }
    )
    given = "".join(json.dumps({"row": k, "answer": a}) + "\n" for k, a in enumerate(("A", None)))
    heading = ",".join(CSV_KEYS) + "\n"
    record = ["a.png" if key == "image" else "" for key in CSV_KEYS]
    return {
        "rosters": {
            "names.txt": "# Klasse\nLéa Martin\nTom\n".encode(),
            "table.csv": b"sep=;\nNom;Pr\xe9nom;Classe\nMARTIN;L\xe9a;CE1\n",
            "wide.csv": "Nom\tPrénom\nA\tB\n".encode("utf-16"),
        },
        "templates": {"form.toml": _FORM.encode(), "dots.toml": b".".join([b"a"] * 40) + b" = 1\n"},
        "results": {"two.jsonl": f"{row}\n{more}\n".encode()},
        "answers": {"two": f"{head}\n{given}".encode(), "back": f'{head}\n{{"row": 0, "taken_back": true}}\n'.encode()},
        "drafts": {
            "rows.jsonl": f"{row}\n{more}\n".encode(),
            "rows.txt": b"a.png\tLEA\t0.5\n\tLEO\t0.1\nb.png\tTOM\t0.9\n",
            "rows.csv": (heading + (",".join(record) + "\n") * 2).encode(),
        },
        "requests": {
            "page": b"GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
            "token": b"GET /?token=x HTTP/1.0\r\nHost: localhost:PORT\r\nOrigin: null\r\n\r\n",
            "events": b"GET /events?after=1 HTTP/1.1\r\nHost: [::1]:PORT\r\n\r\n",
            "answer": _POST.encode(),
        },
    }  # fmt: skip


def main() -> None:
    """Write every file anew."""
    images = _images()
    texts = _texts()
    made = {
        "headers": images,
        "images": images,
        "documents": _documents(),
        "card": {"tiny.tflite": TINY_MODEL.read_bytes()},
        **texts,
    }
    for name in TARGETS:
        folder = CORPUS / name
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            if not old.name.startswith("found-"):
                old.unlink()
        files = _name_model(folder) if name == "name_model" else made[name]
        for title, data in files.items():
            (folder / title).write_bytes(data)


if __name__ == "__main__":
    main()
