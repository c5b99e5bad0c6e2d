"""Where Tagsmith keeps what it makes: sets, cache, runs and jobs."""

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PROJECT_DATA = PROJECT / "data"
SAMPLE_FILE = PROJECT_DATA / "sample" / "articles.jsonl"


def home_folder() -> Path:
    """The folder named by TAGSMITH_HOME, else the project's data/."""
    named = os.environ.get("TAGSMITH_HOME", "").strip()
    return Path(named).expanduser().resolve() if named else PROJECT_DATA
