"""Setting print in the font files of a folder alone, which need not be installed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from xml.sax.saxutils import escape

from forms_html.families import families

_CONFIG = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{fonts}/cache</cachedir></fontconfig>
"""


@contextmanager
def only_fonts_of(folder: Path | None) -> Iterator[None]:
    """Whatever runs within sees the families of a folder's TTF, OTF and WOFF2 files alone; None changes nothing.

    WOFF2 files are unpacked, since Chromium takes none from the system: that needs fontTools and Brotli.

    Raises:
        RuntimeError: there is no font file in the folder.
    """
    if folder is None:
        yield
        return
    paths = sorted(p for p in folder.rglob("*") if p.suffix in (".ttf", ".otf", ".woff2"))
    if not paths:
        raise RuntimeError(f"{folder}: holds no font file (.ttf, .otf, .woff2)")
    before = os.environ.get("FONTCONFIG_FILE")
    with tempfile.TemporaryDirectory() as made:
        _unpacked(paths, Path(made))
        config = Path(made) / "fonts.conf"
        config.write_text(_CONFIG.format(fonts=escape(made)), "utf-8")
        os.environ["FONTCONFIG_FILE"] = str(config)
        families.cache_clear()
        try:
            yield
        finally:
            if before is None:
                del os.environ["FONTCONFIG_FILE"]
            else:
                os.environ["FONTCONFIG_FILE"] = before
            families.cache_clear()


def _unpacked(paths: Sequence[Path], folder: Path) -> None:
    """Put fonts into a folder, WOFF2 as TTF."""
    for k, path in enumerate(paths):
        if path.suffix != ".woff2":
            (folder / f"{k}{path.suffix}").symlink_to(path.resolve())
            continue
        from fontTools.ttLib import TTFont

        font = TTFont(path)
        font.flavor = None
        font.save(folder / f"{k}.ttf")
