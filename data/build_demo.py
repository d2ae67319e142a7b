"""Rebuild the embedded study, data/demo, from its seed. Run: make demo."""

from pathlib import Path

from wqstudy import simulate

HERE = Path(__file__).parent

if __name__ == "__main__":
    simulate.study().to_folder(HERE / "demo")
