"""Asks whether what we run on has known holes. Exit code 0: none known; 1: some; 75: not every package could be looked up."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--requirement",
        ROOT / "requirements.lock",
        "--require-hashes",
        "--disable-pip",
    ]
    command += ["--format=json", "--progress-spinner=off", "--timeout=15"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        packages = json.loads(done.stdout)["dependencies"]
    except subprocess.TimeoutExpired:
        return not_checked("the list of known holes did not answer within five minutes")
    except ValueError:
        return not_checked(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "pip-audit said nothing")
    holes = [(package, hole) for package in packages for hole in package.get("vulns", [])]
    for package, hole in holes:
        print(
            f"{package['name']} {package['version']}: {hole['id']}, put right in {', '.join(hole['fix_versions']) or 'no version yet'}"
        )
    skipped = [package for package in packages if package.get("skip_reason")]
    if holes:
        return 1
    if skipped or not packages:
        return not_checked(f"{len(skipped)} of {len(packages)} packages were not found in the list of known holes")
    print(f"{len(packages)} packages, no known holes.")
    return 0


def not_checked(why: str) -> int:
    print(f"NOT CHECKED: {why}.")
    return 75


if __name__ == "__main__":
    sys.exit(main())
