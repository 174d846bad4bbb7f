"""The folders that tests read from."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / "tests/corpus"
DATA = ROOT / "tests/data"
