"""Known faults of the dependencies, by pip-audit; skipped, with a word, where there is no network."""

from __future__ import annotations

import socket
import subprocess
import sys


def main() -> int:
    """Audit this environment; 1 where a package has a known fault."""
    try:
        socket.create_connection(("pypi.org", 443), 5).close()
    except OSError as error:
        print(f"audit: skipped, there is no network ({error})")
        return 0
    command = [sys.executable, "-m", "pip_audit", "--skip-editable"]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
