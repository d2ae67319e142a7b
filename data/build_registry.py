"""Write the package's list of real data files: size, sha256 and where each is published, without the data.

Run: python data/build_registry.py MANIFEST.json
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

REGISTRY = Path(__file__).parents[1] / "src" / "wqstudy" / "rules" / "datasets_files.csv"
COLUMNS = ("file", "bytes", "sha256", "repo", "commit", "path")


def main(manifest: Path) -> None:
    """One line a file, in the order of their names."""
    held = json.loads(manifest.read_text(encoding="utf-8"))
    with REGISTRY.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        for name, entry in sorted(held.items()):
            source = entry["source"]
            place = (source["repo"], source["commit"], source.get("path", ""))
            writer.writerow([name, entry["bytes"], entry["sha256"], *place])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
