"""What a long check printed, kept in a file beside it."""

from __future__ import annotations

import subprocess
from pathlib import Path


class Log:
    """Prints, and keeps what it printed."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.failed = False

    def say(self, text: str) -> None:
        """One or more lines."""
        print(text, flush=True)
        self.lines.append(text)

    def step(self, what: str, done: subprocess.CompletedProcess[str], shown: int = 3) -> bool:
        """The command, and the last lines it printed; all of them where it failed."""
        lines = done.stdout.strip().splitlines()
        self.say("\n".join([f"$ {what}", *(lines if done.returncode else lines[-shown:])]))
        if done.returncode:
            self.say(f"FAILED with exit status {done.returncode}")
            self.failed = True
        return done.returncode == 0

    def check(self, what: str, holds: bool, seen: str = "") -> None:
        """Something that must hold; what was seen is shown where it does not."""
        self.say(f"{'ok     ' if holds else 'FAILED '} {what}" + ("" if holds else f": {seen}"))
        self.failed |= not holds

    def keep(self, file: Path | None) -> None:
        """Write all of it."""
        if file:
            file.write_text("\n".join(self.lines) + "\n", encoding="utf-8")
