"""What a training run is made of; saved beside its weights as config.json."""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from hwr_edge.errors import DataError
from hwr_train.files import replace_text


@dataclass(frozen=True)
class Part:
    """One of so many parts of the rows, by their ids: the same part in every run."""

    part: int
    parts: int

    @classmethod
    def of(cls, text: str) -> Part:
        """What "1/2" says.

        Raises:
            DataError: it is no part of two or more.
        """
        found = re.fullmatch(r"(\d{1,2})/(\d{1,2})", text)
        part, parts = map(int, found.groups()) if found else (0, 0)
        if not (parts >= 2 and 1 <= part <= parts):
            raise DataError(f"a part is one of two or more, such as 1/2, not {text}")
        return cls(part, parts)

    def __contains__(self, name: str) -> bool:
        return zlib.crc32(name.encode("utf-8", "surrogateescape")) % self.parts == self.part - 1


@dataclass(frozen=True)
class TrainConfig:
    """Options of one run; `None` means the preset's own value.

    data: folder with the public layout; None draws names instead.
    made: synthetic fields an epoch, drawn anew for each, beside the real crops.
    names: CSV of NAME,COUNT to draw synthetic names from; None for the built-in list.
    names_power: counts of `names` to this power say how often a name is made: 1 as often as it is
        borne, less for more of the rare ones.
    names_shuffled: share of the synthetic names whose letters are shuffled.
    strokes: gzipped JSON lines of single letters to write them with; None for drawn letters.
    fonts: folder of handwriting fonts, for a part of the synthetic names; None for none.
    cut: names an epoch put together from pieces of the real crops, drawn anew for each.
    cut_by: a .keras file that finds the letters in the crops for it.
    extra: further folders of training rows, with labels.csv beside images/ or the public layout.
    fold: whether labels are folded, to capitals without accents; None for what the data say: those of the
        public layout are, those of one labels.csv are learnt as they are written, and a charset that
        is given decides by its letters.
    part: "1/2", say: the first of two parts of the data's training rows is left out, and what learnt
        from the rest can judge its labels. None for all rows.
    relabel: CSV of FILENAME,CHANGE: training rows whose label a person found wrong; None for none.
    checked: tables of checked labels (FILENAME,CHECKED,STATUS), a path with {split} for the split's name:
        what is written, to learn from and to measure on; None for the labels as published.
    doubt_by: .keras files; labels of the data's that they find wrong are left out. Of a run with a
        part, the rows that it left out are judged, else all.
    init: a .keras file of the same preset, or of a smaller network, to start from; one without the
        second head of training goes on without it. None for random weights.
    new_letters: whether those weights may read other letters than this run.
    agreement: weight of the agreement of two views of every name, which are learnt from then; 0 for
        one view.
    workers: threads that draw names and batches; processes: processes for it instead, to feed a GPU.
    """

    data: str | None = None
    preset: str = "edge"
    epochs: int | None = None
    batch: int | None = None
    learning_rate: float | None = None
    seed: int = 0
    charset: str | None = None
    limit: int | None = None
    fraction: float = 1.0
    made: int = 0
    names: str | None = None
    names_power: float = 0.5
    names_shuffled: float = 0.0
    strokes: str | None = None
    fonts: str | None = None
    cut: int = 0
    cut_by: str | None = None
    extra: tuple[str, ...] = ()
    fold: bool | None = None
    part: str | None = None
    relabel: str | None = None
    checked: str | None = None
    doubt_by: tuple[str, ...] = ()
    init: str | None = None
    new_letters: bool = False
    agreement: float = 0.0
    workers: int = 2
    processes: int = 0
    filename_column: str = "FILENAME"
    identity_column: str = "IDENTITY"
    csv_pattern: str = "written_name_{split}_v2.csv"
    folder_pattern: str = "{split}_v2/{split}"

    def __post_init__(self) -> None:
        object.__setattr__(self, "extra", tuple(self.extra))  # JSON knows no tuples
        given = self.doubt_by or ()  # one path or none, in runs of earlier versions
        object.__setattr__(self, "doubt_by", (given,) if isinstance(given, str) else tuple(given))
        if self.part is not None:
            Part.of(self.part)

    def save(self, path: Path) -> None:
        """Write as JSON."""
        replace_text(path, json.dumps(asdict(self), indent=2) + "\n")

    @classmethod
    def of(cls, found: dict[str, Any]) -> TrainConfig:
        """What was saved, also by earlier versions: labels were folded then, and a part was a fold.

        Raises:
            ValueError: there are options that this version does not know.
        """
        if "part" not in found:
            found = {**found, "part": found.get("fold"), "fold": True}
        strangers = set(found) - {f.name for f in fields(cls)}
        if strangers:
            raise ValueError(f"unknown options: {', '.join(sorted(strangers))}")
        return cls(**found)

    @classmethod
    def load(cls, path: Path) -> TrainConfig:
        """Read what `save` wrote.

        Raises:
            DataError: missing, not JSON, or with options that this version does not know.
        """
        try:
            return cls.of(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, DataError) as error:
            raise DataError(f"{path}: not the configuration of a run ({error})") from error
