"""The articles of an experiment, bound to the sources that they were read from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from core.articles.store.sets import (
    SourceArticles,
    read_with_plans,
    source_fingerprint,
    source_path,
)
from core.features.encoder_files import MINILM
from core.settings.experiment import ExperimentConfig

# Reads the articles of named sources, joined.
Read: TypeAlias = Callable[[Sequence[str]], SourceArticles]


@dataclass
class SourceReader:
    """Reads the articles of sources; for several experiments each list of sources only once.

    read: reads a list of sources; by default files are read as they are.
    """

    read: Read = read_with_plans
    _known: dict[tuple[str, ...], SourceArticles] = field(default_factory=dict)

    def __call__(self, sources: Sequence[str]) -> SourceArticles:
        key = tuple(sources)
        if key not in self._known:
            self._known[key] = self.read(key)
        return self._known[key]


def with_whole_paths(config: ExperimentConfig) -> ExperimentConfig:
    """The settings with absolute paths, for a process that runs in another folder.

    Raises DataError if a source is not there.
    """
    data, encoder = config.data, config.features.encoder
    files = {
        name: tuple(map(_whole_path, getattr(data, name)))
        for name in ("sources", "corrections", "extra")
    }
    if encoder.name != MINILM and Path(encoder.name).is_dir():
        encoder = encoder.model_copy(update={"name": str(Path(encoder.name).resolve())})
    return config.model_copy(
        update={
            "data": data.model_copy(update=files),
            "features": config.features.model_copy(update={"encoder": encoder}),
        }
    )


def _whole_path(source: str) -> str:
    source_fingerprint(source)
    path = source_path(source)
    return str(path.resolve()) if path == Path(source) else source
