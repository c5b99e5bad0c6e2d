"""The encoder of an experiment, and which training articles it has not learnt from."""

import numpy as np

from core.base.errors import ConfigError
from core.dataset.dataset import TagDataset
from core.dataset.split import Split
from core.features.encoder_files import EncoderFiles, find_encoder, find_own_encoder
from core.methods.registry import method_of
from core.models.folds import IntArray
from core.runs.results import article_ids
from core.runs.store import Run, RunStore
from core.settings.experiment import RUN_PREFIX, ExperimentConfig


def find_encoder_files(
    config: ExperimentConfig,
    dataset: TagDataset,
    split: Split,
    store: RunStore,
    *,
    fetch: bool = True,
) -> tuple[EncoderFiles | None, IntArray]:
    """The encoder's files, and the training articles (rows of the part) it has not seen.

    fetch: False to raise NotFetchedError rather than fetch one from the hub.
    Raises ConfigError if the encoder has learnt from test articles.
    """
    nothing, method = np.array([], dtype=np.int64), method_of(config)
    if not method.uses_encoder(config):
        return None, nothing
    name = config.features.encoder.name
    if not name.startswith(RUN_PREFIX):
        return find_encoder(name, fetch=fetch), nothing
    run = store.load(name.removeprefix(RUN_PREFIX))
    folder = run.folder / "model" / "encoder"
    if not folder.is_dir():
        raise ConfigError(f"Run {run.id} has no encoder of its own: name a fine-tuning run.")
    test = set(article_ids(dataset, split.test))
    if test & (seen := _learnt_ids(run, dataset)):
        raise ConfigError(
            f"The encoder of run {run.id} was fine-tuned on {len(test & seen)} of these test "
            "articles. Name a run of the same split and seed."
        )
    method.check_encoder(run.id, len(seen))
    held_out = run.read_part("out_of_fold").ids
    in_part = np.isin(article_ids(dataset, split.train), held_out)
    files = find_own_encoder(folder, run.config.features.encoder.name)
    return files, np.flatnonzero(in_part)


def _learnt_ids(run: Run, dataset: TagDataset) -> set[str]:
    """Articles of this data that a fine-tuning run may have learnt from."""
    if run.environment.fingerprint != dataset.tested_fingerprint:
        return set()
    everything = set(article_ids(dataset, np.arange(len(dataset.articles))))
    return everything - set(run.read_part("test").ids)
