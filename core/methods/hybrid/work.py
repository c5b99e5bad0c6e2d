"""How much work a hybrid is, and how fast this machine does it."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.features.hybrid import vector_parts
from core.features.vectors import Embedded, embed_texts
from core.methods.base import PlainSteps, Training
from core.methods.encoding import encode_kind, measure_encoding, plan_encoding
from core.methods.finetune.kinds import finetune_kind
from core.methods.hybrid.training import count_fits, fit_hybrid
from core.methods.part import Labelled
from core.methods.work import Material, Planning, Speed, Work, WorkPlan, measuring, spaced
from core.settings.experiment import ExperimentConfig

_KIND = "hybrid"
_MEASURED_TEXTS = 768


def plan_hybrid(given: Planning) -> WorkPlan:
    """Encoding in tokens, fine-tuning in tokens learnt, and all fits as one amount."""
    config, part, tune = given.config, given.part, given.config.finetune
    rows, tags = len(part.texts), len(part.tags)
    folds = 1 if given.one_fold else config.classifier.folds
    encoding, plan = plan_encoding(given)
    work, epochs = [encoding], 0
    if config.features.hybrid.finetuned:
        # Each fold is left out once, and all are learnt from once.
        epochs = tune.epochs * (config.classifier.folds + 1)
        amount = int(given.tokens.sum()) * tune.epochs * folds
        work.append(Work("finetune", finetune_kind(config, given.encoder), amount, epochs=epochs))
    work.append(Work("train", _KIND, fit_amount(config, rows, tags, folds), rows))
    return replace(
        plan,
        parts=tuple(work),
        words=given.words,
        fits=count_fits(config, tags),
        epochs=tune.epochs if epochs else 0,
    )


def fit_amount(config: ExperimentConfig, rows: int, tags: int, folds: int) -> float:
    """The work of a hybrid's fits: each part is fitted once more alone for the second stage.

    Between linear in the rows, as for few of them, and quadratic: 768, 1,536 and 1,989 of entech's
    took 8, 19 and 37 s; so30k's 21,000, elsewhere, about 40 times as long as entech's 1,989.
    """
    hybrid = config.features.hybrid
    alone = len(hybrid.parts) if hybrid.second_stage else 0
    fits = folds * (len(config.classifier.C) + alone) + 1 + alone
    return float(rows**1.5 * tags * fits)


def measure_hybrid(given: Material, kinds: Collection[str]) -> Iterator[Speed]:
    """Encode and fine-tune for a second each; do all fits on some of the texts."""
    config, files = given.config, given.encoder
    if encode_kind(config, files) in kinds:
        yield measure_encoding(given)
    if finetune_kind(config, files) in kinds:
        from core.methods.finetune.work import measure_finetuning

        yield measure_finetuning(given)
    if _KIND in kinds:
        yield _measure_fits(given)


def _measure_fits(given: Material) -> Speed:
    """All fits on some of the texts, beside vectors of chance."""
    config, hybrid = given.config, given.config.features.hybrid
    part = given.part.only(spaced(len(given.part.texts), _MEASURED_TEXTS))
    rows = len(part.texts)
    # Encoding the texts has paid for loading the encoder by then.
    width = embed_texts(part.texts[:1], given.encoder, config.features.encoder).vectors.shape[1]
    read = rows * len(vector_parts(hybrid))
    vectors = np.random.default_rng(config.seed).normal(size=(read, width)).astype(np.float32)
    small = Training(
        config, part, given.files, Labelled(part.texts, part.Y), Path("never-written"), PlainSteps()
    )
    folds = part.folds(config.classifier, seed=config.seed)
    with measuring() as fitting:
        fit_hybrid(small, Embedded(vectors, 0, 0, "none"), folds)
    amount = fit_amount(config, rows, len(part.tags), config.classifier.folds)
    return fitting.speed(_KIND, amount, size=rows)
