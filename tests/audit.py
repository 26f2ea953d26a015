"""Known faults of the dependencies, by pip-audit; skipped, with a word, where its data cannot be reached."""

from __future__ import annotations

import json
import subprocess
import sys


def main() -> int:
    """Audit this environment; 1 where a package has a known fault."""
    command = [sys.executable, "-m", "pip_audit", "--skip-editable", "--format", "json"]
    audit = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        packages = json.loads(audit.stdout)["dependencies"]
    except (ValueError, KeyError):
        why = (audit.stderr.strip().splitlines() or ["no reason given"])[-1]
        print(f"audit: skipped, its data cannot be reached ({why})")
        return 0
    looked_up = [package for package in packages if "vulns" in package]
    faulty = [package for package in looked_up if package["vulns"]]
    for package in faulty:
        for fault in package["vulns"]:
            mended = ", ".join(fault["fix_versions"]) or "no version yet"
            print(f"{package['name']} {package['version']}: {fault['id']}, mended in {mended}")
    print(
        f"audit: {len(looked_up)} of {len(packages)} packages looked up, {len(faulty)} with known faults"
    )
    if not looked_up:
        print("audit: skipped, no package could be looked up")
    return 1 if faulty else 0


if __name__ == "__main__":
    sys.exit(main())
