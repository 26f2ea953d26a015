"""Makes the corpus: `python -m fuzz.make_corpus`. What was found, and keeps its name found-..., stays."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bombs import endless_pdf, laughing_pdf, long_tiff, progressive_jpeg
from fakes import TINY_MODEL, draw
from fuzz.seeds import CORPUS
from fuzz.targets import TARGETS
from hwr_edge.line.name_model import NameModel
from hwr_edge.results.tables import CSV_KEYS
from hwr_edge.results.workbook import workbook_of
from images import bmp, chunk, encode, png, tiff, with_exif

_SMALL = np.arange(60, dtype=np.uint8).reshape(6, 10)
_ROW = {"schema": 1, "image": "a.png", "text": "LEA", "confidence": 0.5, "box": [0, 0, 9, 9]}
_HEAD = {"schema": 1, "results": "0" * 64}
_FORM = 'schema = 1\npicture = "p.png"\n\n[[field]]\nname = "Nom"\nbox = [1, 2, 30, 10]\n'
_SIECLE = """<?xml version="1.0" encoding="UTF-8"?>
<BEE_ELEVES VERSION="2.1"><DONNEES><ELEVES>
<ELEVE ELEVE_ID="71" ELENOET="1"><NOM_DE_FAMILLE>MARTIN</NOM_DE_FAMILLE><PRENOM>Léa</PRENOM></ELEVE>
</ELEVES><STRUCTURES><STRUCTURES_ELEVE ELEVE_ID="71" ELENOET="1">
<STRUCTURE><CODE_STRUCTURE>3A</CODE_STRUCTURE><TYPE_STRUCTURE>D</TYPE_STRUCTURE></STRUCTURE>
</STRUCTURES_ELEVE></STRUCTURES></DONNEES></BEE_ELEVES>
"""


def _get(path: str, host: str = "Host: 127.0.0.1:PORT") -> bytes:
    return f"GET {path} HTTP/1.1\r\n{host}\r\nAuthorization: Bearer TOKEN\r\n\r\n".encode()


def _post(path: str, body: bytes, kind: str = "application/json") -> bytes:
    head = _get(path).replace(b"GET", b"POST", 1)[:-2]
    return head + f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def _sent(path: str, name: str, data: bytes) -> bytes:
    """A file in a form, as browsers send it."""
    part = f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
    body = b"--mark\r\n" + part + data + b"\r\n--mark--\r\n"
    return _post(path, body, "multipart/form-data; boundary=mark")


def _words() -> NDArray[np.uint8]:
    """A page of three words, uint8 (180, 170): small, since what is changed a million times is read as often."""
    page = np.full((180, 170), 255, np.uint8)
    for row, word in enumerate(("ABC", "BAC", "CAB")):
        page[12 + 56 * row : 44 + 56 * row, 20:148] = draw(word, 2)
    return page


def _by_pillow() -> dict[str, bytes]:
    """What OpenCV does not write, or writes in one way alone."""
    from PIL import Image
    from pillow_heif import register_heif_opener

    register_heif_opener()
    ways: list[tuple[str, str, dict[str, Any]]] = [
        ("heic", "HEIF", {"quality": 50}),
        ("avif", "AVIF", {"quality": 50}),
        ("gif", "GIF", {}),
        ("jp2", "JPEG2000", {}),
        ("tif", "TIFF", {"compression": "tiff_lzw"}),
        ("pdf", "PDF", {"resolution": 300}),
    ]
    shown = {"line": draw("ABC"), "page": _words()}
    found = {}
    for end, kind, options in ways:
        for name, pixels in shown.items():
            found[f"{name}.{end}"] = _saved(Image.fromarray(pixels), kind, **options)
    found["codestream.j2k"] = _saved(Image.fromarray(_SMALL), "JPEG2000", no_jp2=True)
    coloured = Image.fromarray(np.dstack([_SMALL] * 3))
    found["colour.heic"] = _saved(coloured, "HEIF")
    found["many.gif"] = _saved(coloured, "GIF", save_all=True, append_images=[coloured.rotate(180)])
    for name in ("tiff_deflate", "packbits", "jpeg", "group4"):
        bits = Image.fromarray(_words()).convert("1" if name == "group4" else "L")
        found[f"{name}.tif"] = _saved(bits, "TIFF", compression=name)
    return found


def _saved(image: Any, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def _images() -> dict[str, bytes]:
    lines = {f"line{end}": encode(end, draw("ABC", 2)) for end in (".jpg", ".png", ".webp", ".bmp")}
    pages = {f"page{end}": encode(end, _words()) for end in (".jpg", ".png", ".webp")}
    others = {name: data for name, data in _by_pillow().items() if not name.endswith(".pdf")}
    return _small_images() | lines | pages | others


def _small_images() -> dict[str, bytes]:
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
    small = {"one": endless_pdf(1), "endless": endless_pdf(1_000_000), "nested": laughing_pdf(1)}
    return {
        "two.tif": pages.tobytes(),
        "long.tif": long_tiff(20),
        **{f"{name}.pdf": data.replace(b"200 300", b"020 030") for name, data in small.items()},
        **{name: data for name, data in _by_pillow().items() if name.endswith(".pdf")},
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
            "table.xlsx": workbook_of(("Nom", "Prénom"), [["MARTIN", "Léa"], ["BO", "Tom"]]),
            "siecle.xml": _SIECLE.encode(),
        },
        "settings": {
            "file.toml": b'[file]\nformat = "jsonl"\naccept = 0.9\n\n[camera]\nserve = "127.0.0.1:0"\n',
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
            "page": _get("/"),
            "token": b"GET /?token=TOKEN HTTP/1.0\r\nHost: localhost:PORT\r\nOrigin: null\r\n\r\n",
            "events": _get("/events?after=1", "Host: [::1]:PORT"),
            "stranger": b"GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
            "rows": _get("/rows?from=0&count=9"),
            "picture": _get("/picture/0") + _get("/sheet/0"),
            "names": _get("/names.csv"),
            "suggest": _post("/suggest/0", b'{"typed": "MA"}'),
            "answer": _post("/rows/0", b'{"version": 0, "answer": "A"}'),
            "back": _post("/rows/0", b'{"version": 1, "taken_back": true}'),
        },
        "live": {"page": _get("/"), "state": _get("/state"), "picture": _get("/picture"), "script": _get("/page.js")},
        "desk": {
            "page": _get("/"),
            "health": b"GET /api/health HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
            "batches": _get("/api/batches") + _get("/api/batches/2026-01-01-0000/results?from=0"),
            "new": _post("/api/batches", b'{"title": "5b", "accept": 0.9}'),
            "read": _sent("/api/read", "a.png", encode(".png", draw("ABC", 2))),
            "list": _sent("/api/lists", "5b.csv", b"Nom\nMARTIN\n"),
            "form": _sent("/api/forms", "form.toml", _FORM.encode()),
            "forms": _get("/api/forms"),
        },
    }  # fmt: skip


def main() -> None:
    """Write every file anew."""
    images = _images()
    texts = _texts()
    made = {
        "headers": _small_images(),
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
