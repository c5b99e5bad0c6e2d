"""Names of runs that are shown together: the settings that differ keep them apart."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from core.articles.source_names import source_names
from core.base.errors import ConfigError
from core.runs.store import Run
from core.study.changed_settings import changed_settings
from core.study.presets import preset_named

_MOST_CHARACTERS = 40


def labels_of(runs: Sequence[Run]) -> dict[str, str]:
    """A label for each run's id: recipe, settings changed from it, data, day and time.

    Runs of the same second get their id as well.
    """
    recipes, data = _recipes_apart(runs), _data_apart(runs)
    labels = {run.id: f"{recipes[run.id]} on {data[run.id]}, {run.when}" for run in runs}
    return _with_id_where_alike(labels)


def short_names(runs: Sequence[Run]) -> dict[str, str]:
    """A name for each run's id: its recipe and the settings changed from it.

    Where names would be equal, the data is added, then the time, and the id for runs of the same
    second.
    """
    names, data = _recipes_apart(runs), _data_apart(runs)
    of_name = defaultdict(set)
    for run_id, name in names.items():
        of_name[name].add(data[run_id])
    names = {i: f"{n} on {data[i]}" if len(of_name[n]) > 1 else n for i, n in names.items()}
    alike = Counter(names.values())
    timed = {r.id: names[r.id] + (f", {r.when}" if alike[names[r.id]] > 1 else "") for r in runs}
    return _with_id_where_alike(timed)


def _recipes_apart(runs: Sequence[Run]) -> dict[str, str]:
    """By id, the recipe and those changed settings that not every run of the recipe has."""
    same_recipe = defaultdict(list)
    for run in runs:
        same_recipe[run.recipe].append(run)
    names = {}
    for recipe, group in same_recipe.items():
        changes = {run.id: _changes(run) for run in group}
        common = set.intersection(*map(set, changes.values()))
        for run_id, changed in changes.items():
            own = [change for change in changed if change not in common]
            text = ", ".join(own)
            if len(text) > _MOST_CHARACTERS:
                text = f"{len(own)} settings changed"
            names[run_id] = f"{recipe}, {text}" if own else recipe
    return names


def _data_apart(runs: Sequence[Run]) -> dict[str, str]:
    """By id, the names of the run's sources, each different from those of other sources."""
    sources = list(dict.fromkeys(source for run in runs for source in run.config.data.sources))
    called = dict(zip(sources, source_names(sources), strict=True))
    return {run.id: " + ".join(map(called.__getitem__, run.config.data.sources)) for run in runs}


def _changes(run: Run) -> list[str]:
    """ "name=value" of each setting that is not its preset's, without the name's groups."""
    try:
        base = preset_named(run.config.preset or "best-tfidf").config()
    except ConfigError:
        return []  # a preset of an older Tagsmith
    return [
        difference.assignment.removeprefix(f"{difference.setting.rpartition('.')[0]}.")
        for difference in changed_settings(run.config, base)
        if difference.setting not in ("data.sources", "data.extra")
    ]


def _with_id_where_alike(names: Mapping[str, str]) -> dict[str, str]:
    alike = Counter(names.values())
    return {
        run_id: name if alike[name] == 1 else f"{name} ({run_id})" for run_id, name in names.items()
    }
