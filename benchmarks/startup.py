"""How long a user waits before anything happens: `import wqstudy`, and `wqstudy --help`.

Run: python benchmarks/startup.py
"""

import csv
import platform
import statistics
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

from machine import cpu

RESULTS = Path(__file__).parent / "results" / "startup.csv"
RUNS = 7
IMPORT_LIMIT = 1.0
HELP_LIMIT = 0.6


def wall_time(command: list[str]) -> float:
    """Seconds that a command takes."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def median_time(command: list[str]) -> float:
    """Median of `RUNS` runs in seconds, after one that fills the caches."""
    wall_time(command)
    return statistics.median(wall_time(command) for _ in range(RUNS))


def main() -> int:
    """Measure, write the results, and fail where a limit is passed."""
    bare = median_time([sys.executable, "-c", "pass"])
    command = Path(sysconfig.get_path("scripts"), "wqstudy")
    measured = [
        (
            "import wqstudy, above bare python",
            median_time([sys.executable, "-c", "import wqstudy"]) - bare,
            IMPORT_LIMIT,
        ),
        ("wqstudy --help", median_time([str(command), "--help"]), HELP_LIMIT),
    ]
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["what", "seconds", "limit", "machine", "python"])
        for what, seconds, limit in measured:
            writer.writerow([what, f"{seconds:.3f}", limit, cpu(), platform.python_version()])
            print(f"{what}: {seconds:.3f} s (limit {limit} s)")
    return int(any(seconds > limit for _, seconds, limit in measured))


if __name__ == "__main__":
    sys.exit(main())
