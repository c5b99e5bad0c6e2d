"""An experiment before its first heavy step: what it would work on, and whether it can."""

from dataclasses import dataclass

import numpy as np

from core.base.errors import ConfigError
from core.base.machine import job_device
from core.dataset.dataset import TagDataset
from core.dataset.split import Split, split_dataset
from core.features.encoder_files import MINILM, EncoderFiles, NotFetchedError, find_encoder
from core.methods.part import TrainingPart
from core.methods.registry import method_of
from core.methods.work import Planning, WorkPlan
from core.runs.encoders import find_encoder_files
from core.runs.experiment import build_training_part, teacher_of
from core.runs.store import RunStore, is_run_id
from core.settings.experiment import RUN_PREFIX, ExperimentConfig


@dataclass(frozen=True)
class Plan:
    """teacher: the experiment that has to come first, where its encoder is not there yet.

    guessed: True if the encoder is not on this machine, so MiniLM stands in for its speed.
    """

    config: ExperimentConfig
    part: TrainingPart
    split: Split
    files: EncoderFiles | None
    work: WorkPlan
    teacher: "Plan | None" = None
    guessed: bool = False

    def experiments(self) -> "list[Plan]":
        """In the order in which they run."""
        return [*(self.teacher.experiments() if self.teacher else []), self]


def plan_experiment(config: ExperimentConfig, dataset: TagDataset, store: RunStore) -> Plan:
    """Raises CoreError, before anything is computed, for settings that would fail later."""
    method = method_of(config)
    method.check(config)
    split = split_dataset(dataset, config.split, seed=config.seed)
    part = build_training_part(config, dataset, split)
    method.check_part(config, part)
    config, teacher = _with_known_teacher(config, dataset, store)
    if teacher:
        files = teacher.files
        planning = Planning(config, part, files, dataset, split, one_fold=True, may_be_cached=False)
        return Plan(config, part, split, files, method.plan(planning), teacher, teacher.guessed)
    guessed = False
    try:
        files, unseen = find_encoder_files(config, dataset, split, store, fetch=False)
    except NotFetchedError:
        files, unseen, guessed = find_encoder(MINILM), np.array([], dtype=np.int64), True
    planning = Planning(config, part, files, dataset, split, one_fold=len(unseen) > 0)
    return Plan(config, part, split, files, method.plan(planning), guessed=guessed)


def check_device(config: ExperimentConfig) -> None:
    """Raises ConfigError if the named device is not on this machine, or torch cannot use it."""
    wanted = config.features.encoder.device
    if method_of(config).uses_encoder(config) and wanted not in ("auto", job_device(wanted).kind):
        raise ConfigError(
            f"This machine has no {wanted} device that torch can use. "
            "Choose features.encoder.device auto or cpu."
        )


def _with_known_teacher(
    config: ExperimentConfig, dataset: TagDataset, store: RunStore
) -> tuple[ExperimentConfig, Plan | None]:
    """For "run:PRESET": the settings that name its finished run, or a plan of the run to make."""
    name = config.features.encoder.name
    wanted = name.removeprefix(RUN_PREFIX)
    if wanted == name or is_run_id(wanted) or not method_of(config).uses_encoder(config):
        return config, None
    taught = teacher_of(config)
    if run := store.find(taught, dataset.fingerprint):
        own = config.features.encoder.model_copy(update={"name": f"{RUN_PREFIX}{run.id}"})
        features = config.features.model_copy(update={"encoder": own})
        return config.model_copy(update={"features": features}), None
    return config, plan_experiment(taught, dataset, store)
