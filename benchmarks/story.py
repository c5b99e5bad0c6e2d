"""Write data/story/figures.json, which the Story page tells, from finished runs on a real set.

python -m core run study --data entech.jsonl.gz zhtech.jsonl.gz    (the runs)
python -m benchmarks.story [RUNS_FOLDER]    (default: the runs of the home folder)
"""

import sys
from pathlib import Path

from benchmarks.story_figures import build_story
from core.articles.store.sets import read_sources
from core.runs.store import Run, RunStore
from core.study.presets import family_presets
from core.study.story import STORY_FILE, Story, write_story


def study_runs(store: RunStore) -> list[Run]:
    """Finished runs of the study's presets, newest first; the sample's are left out."""
    names = {preset.name for preset in family_presets()}
    return [r for r in store.finished() if r.config.preset in names and not r.is_of_sample]


def measure(store: RunStore) -> Story:
    runs = study_runs(store)
    if not runs:
        raise SystemExit(f"No run of the study on a real set lies in {store.folder}.")
    articles = read_sources(runs[0].config.data.sources[:1])
    return build_story(runs, [a for a in articles if a.language == "en"])


if __name__ == "__main__":
    story = measure(RunStore(Path(sys.argv[1]) if len(sys.argv) > 1 else None))
    write_story(story)
    missing = [p.name for p in family_presets() if p.name not in story.measured]
    print(f"{STORY_FILE}: {len(story.measured)} runs. Missing: {', '.join(missing) or 'none'}.")
