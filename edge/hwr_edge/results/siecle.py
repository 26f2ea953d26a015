"""SIECLE's lists of pupils: the XML that French schools export (BEE_ELEVES)."""

from __future__ import annotations

from pathlib import Path
from xml.parsers import expat

from hwr_edge.errors import DataError

_COLUMNS = {
    "ELENOET": ("ELENOET",),
    "NOM DE FAMILLE": ("NOM_DE_FAMILLE", "NOM"),
    "NOM USAGE": ("NOM_USAGE",),
    "PRENOM 1": ("PRENOM", "PRENOM1"),
    "PRENOM 2": ("PRENOM2",),
}
_CLASS = "DIVISION"


def is_siecle(raw: bytes) -> bool:
    """Whether a file's bytes are XML of this kind."""
    return b"<BEE_ELEVES" in raw[:4096]


def rows_of(path: Path, raw: bytes) -> list[tuple[int, list[str]]]:
    """Headings, then a row for each pupil, numbered from 1 as in a spreadsheet; headings as SIECLE's CSV has them.

    Raises:
        DataError: the XML is broken, or declares a DTD, which these lists never do and which can be
            made to fill the memory.
    """
    reader = _Reader(path)
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.add
    parser.StartDoctypeDeclHandler = reader.refuse
    try:
        parser.Parse(raw, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise DataError(f"{path}: not valid XML ({error}); export the list again") from error
    pupils = [
        [*(_first(pupil, keys) for keys in _COLUMNS.values()), _class_of(pupil, reader.classes)]
        for pupil in reader.pupils
    ]
    return list(enumerate([[*_COLUMNS, _CLASS], *pupils], 1))


def _first(pupil: dict[str, str], keys: tuple[str, ...]) -> str:
    return next((pupil[key] for key in keys if pupil.get(key)), "")


def _class_of(pupil: dict[str, str], classes: dict[str, str]) -> str:
    keys = (pupil.get("ELEVE_ID"), pupil.get("ELENOET"))
    return next((classes[key] for key in keys if key in classes), "")


class _Reader:
    """Gathers pupils and their classes.

    pupils: texts of the elements right below each ELEVE, with its attributes.
    classes: code of the class (a structure of type D) by ELEVE_ID and by ELENOET.
    """

    def __init__(self, path: Path) -> None:
        self.pupils: list[dict[str, str]] = []
        self.classes: dict[str, str] = {}
        self._path, self._open, self._text = path, list[str](), list[str]()
        self._whose: list[str] = []  # of the structures that are open
        self._structure: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if name == "ELEVE":
            self.pupils.append(dict(attributes))
        elif name == "STRUCTURES_ELEVE":
            self._whose = list(attributes.values())
        elif name == "STRUCTURE":
            self._structure = {}
        self._open.append(name)
        self._text = []

    def add(self, text: str) -> None:
        """A piece of text comes."""
        self._text.append(text)

    def end(self, name: str) -> None:
        """An element ends."""
        text = " ".join("".join(self._text).split())
        self._open.pop()
        self._text = []
        above = self._open[-1] if self._open else ""
        if above == "ELEVE":
            self.pupils[-1][name] = text
        elif above == "STRUCTURE":
            self._structure[name] = text
        elif name == "STRUCTURE" and self._structure.get("TYPE_STRUCTURE") == "D":
            code = self._structure.get("CODE_STRUCTURE", "")
            self.classes |= dict.fromkeys(self._whose, code)

    def refuse(self, *_: object) -> None:
        """A DTD begins."""
        raise DataError(f"{self._path}: XML with a DTD is not read; export the list again")
