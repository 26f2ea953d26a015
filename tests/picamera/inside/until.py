"""Run a program until it has written lines that begin with some names: `python until.py NAME ... -- PROGRAM ...`."""

from __future__ import annotations

import signal
import subprocess
import sys

_PATIENCE = 300  # seconds


def main() -> int:
    """0 where all came, and Ctrl-C ended the program."""
    cut = sys.argv.index("--")
    names, came, asked = set(sys.argv[1:cut]), set[str](), False
    with subprocess.Popen(
        sys.argv[cut + 1 :], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as ran:
        assert ran.stdout is not None
        signal.signal(signal.SIGALRM, lambda *_: ran.kill())
        signal.alarm(_PATIENCE)
        for line in ran.stdout:
            print(line, end="", flush=True)
            if "\t" in line:
                came.add(line.partition("\t")[0])
            if names <= came and not asked:
                ran.send_signal(signal.SIGINT)
                asked = True
        code = ran.wait()
    print(f"ended with exit status {code}")
    return 0 if names <= came and code == 130 else 1


if __name__ == "__main__":
    sys.exit(main())
