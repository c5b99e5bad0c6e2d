"""What every way of training is given, and what it gives back."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.base.progress import Progress
from core.dataset.config import Rule
from core.features.config import FeaturesConfig
from core.features.encoder_files import EncoderFiles
from core.features.hybrid import CountedHybrid, hybrid_vectors, vector_parts
from core.features.vectors import Embedded
from core.methods.encoder import VectorTagger
from core.methods.grid import OnFit, SearchResult, score_folds
from core.methods.hybrid.second_stage import Signs, fit_second_stage
from core.methods.hybrid.tagger import HybridTagger, kept_svm
from core.methods.search import (
    fit_count,
    fit_parts,
    search_hybrid_svm,
    search_tfidf_svm,
    search_vector_svm,
)
from core.methods.tfidf import Tagger, TfidfTagger
from core.models.folds import Fold, IntArray, build_folds, require_filled
from core.settings.classifier import ClassifierConfig
from core.solvers.one_vs_rest import kernel_for

if TYPE_CHECKING:
    from core.methods.hybrid.finetuned_sign import FinetunedSign


@dataclass(frozen=True)
class TrainingPart:
    """n training articles followed by their augmented copies, m texts in all.

    Y: bool (m, K). originals: (m,), the row of each text's article. groups: (n,), equal for
    copies of one article. learnt_only: the last so many of the n articles are not judged on.
    rule: by which articles are shared out to folds and to a validation part.
    """

    texts: list[str]
    Y: csr_array
    tags: tuple[str, ...]
    originals: IntArray
    groups: IntArray
    learnt_only: int = 0
    rule: Rule = "stratified"

    @property
    def articles(self) -> int:
        return len(self.groups)

    @property
    def judged(self) -> int:
        """So many articles, the first, can judge a model that was not fitted on them."""
        return self.articles - self.learnt_only

    def folds(self, classifier: ClassifierConfig, *, seed: int) -> list[Fold]:
        """Of the texts; only judged articles and their copies are on test sides."""
        groups, judged = self.groups[self.originals], self.originals < self.judged
        copies = np.arange(len(groups)) >= self.articles
        folds = build_folds(
            groups, self.Y, classifier, seed=seed, judged=judged, copies=copies, rule=self.rule
        )
        require_filled(folds, self.judged)
        return folds

    def texts_without(self, articles: IntArray) -> IntArray:
        """Rows of the texts that are neither of these articles nor of copies of them."""
        return np.flatnonzero(~np.isin(self.groups[self.originals], self.groups[articles]))


@dataclass(frozen=True)
class Watched:
    """Articles that are scored after every epoch: texts (r,) and bool truth (r, K)."""

    texts: Sequence[str]
    truth: csr_array


@dataclass(frozen=True)
class Trained:
    """A tagger that still cuts at 0, and scores to tune thresholds on.

    held_out: float32 (r, K), scores of the articles held_out_rows (r,) by a model that was
    not fitted on them. facts: what environment.json says of it.
    """

    tagger: Tagger
    held_out_rows: IntArray
    held_out: NDArray[np.float32]
    tuned_on: str
    search: SearchResult | None = None
    notes: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)


def train_tfidf(
    part: TrainingPart,
    features: FeaturesConfig,
    classifier: ClassifierConfig,
    *,
    seed: int,
    progress: Progress,
) -> Trained:
    """tf-idf and a one-vs-rest SVM, its settings found by cross-validation."""
    folds = part.folds(classifier, seed=seed)
    tfidf, found = search_tfidf_svm(
        part.texts,
        part.Y,
        folds,
        features,
        classifier,
        seed=seed,
        on_fit=_fit_counter(part, features, classifier, progress),
    )
    tagger = TfidfTagger(part.tags, np.zeros(len(part.tags)), tfidf, found.svm.as_linear())
    return _searched(tagger, part, found, classifier)


def train_vectors(
    part: TrainingPart,
    embedded: Embedded,
    files: EncoderFiles,
    features: FeaturesConfig,
    classifier: ClassifierConfig,
    unseen: IntArray,
    *,
    seed: int,
    progress: Progress,
) -> Trained:
    """A one-vs-rest SVM on an encoder's vectors, its settings found by cross-validation.

    embedded: the part's texts under the encoder of `files`, and any others after them.
    unseen: where the encoder was fine-tuned on this part, the articles that it was not fitted
    on; only they can judge. Empty for an encoder that saw none of them, or if none was kept out.
    """
    if len(unseen):
        folds = [(part.texts_without(unseen), unseen)]
    else:
        folds = part.folds(classifier, seed=seed)
    found = search_vector_svm(
        embedded.vectors[: len(part.texts)],
        part.Y,
        folds,
        classifier,
        seed=seed,
        on_fit=_fit_counter(part, features, classifier, progress),
    )
    zeros = np.zeros(len(part.tags))
    tagger = VectorTagger(part.tags, zeros, files, features.encoder, found.svm)
    notes, facts = _encoding(embedded, files, features)
    if kernel_for(len(part.texts), classifier.vector_kernel) != classifier.vector_kernel:
        notes.append(f"{len(part.texts):,} texts are too many for the rbf kernel: linear")
    trained = _searched(tagger, part, found, classifier, notes, facts)
    if len(unseen):
        return replace(
            trained,
            held_out_rows=unseen,
            held_out=found.out_of_fold[unseen],
            tuned_on="training articles that the encoder was not fine-tuned on",
        )
    return trained


def train_hybrid(
    part: TrainingPart,
    embedded: Embedded,
    files: EncoderFiles,
    features: FeaturesConfig,
    classifier: ClassifierConfig,
    *,
    seed: int,
    progress: Progress,
    sign: "FinetunedSign | None" = None,
) -> Trained:
    """A one-vs-rest SVM on words, characters and vectors side by side.

    embedded: encoded_texts of the part's texts, and any others after them. sign: of an encoder
    fine-tuned on the same part by the same folds, for the second stage.
    """
    read = len(part.texts) * len(vector_parts(features.hybrid))
    vectors = hybrid_vectors(embedded.vectors[:read], features.hybrid)
    folds = part.folds(classifier, seed=seed)
    counted = CountedHybrid.build(part.texts, vectors, features.hybrid)
    on_fit = _fit_counter(part, features, classifier, progress)
    terms, X, found = search_hybrid_svm(
        counted, part.Y, folds, classifier, seed=seed, on_fit=on_fit
    )
    tagger = HybridTagger.build(part.tags, files, features.encoder, terms, found.svm.as_linear())
    notes, facts = _encoding(embedded, files, features)
    trained = _searched(tagger, part, found, classifier, notes, facts)
    if not features.hybrid.second_stage:
        return trained
    n = part.judged
    fitted, by_part = fit_parts(
        counted, terms.split(X), part.Y, folds, found.best, seed=seed, on_fit=on_fit
    )
    part_svms = [kept_svm(svm) for svm in fitted]
    names = tagger.vectors_of(part.tags)
    signs = Signs.build(terms, X[:n], part.Y[:n], part.tags, names)
    groups = part.groups[:n]
    pairs = signs.of_pairs(
        trained.held_out,
        by_part[:, :n],
        X[:n],
        part.texts[:n],
        logits=sign.held_out if sign else None,
        groups=groups,
    )
    own_folds = [(train[train < n], test[test < n]) for train, test in folds]
    stage, held_out = fit_second_stage(signs, part_svms, pairs, part.Y[:n], own_folds)
    # Both stages at 0: what the test part's score is held against.
    score = score_folds(part.Y[:n], held_out, own_folds, classifier)
    search = replace(found, score=score)
    tagger = replace(tagger, stage=stage, finetuned=sign.tagger if sign else None)
    said = list(trained.notes)
    if sign:
        epochs = sign.tagger.finetune.epochs
        said.append(f"{len(folds) + 1} encoders fine-tuned, {epochs} epochs each")
    return replace(trained, tagger=tagger, held_out=held_out, search=search, notes=said)


def _encoding(
    embedded: Embedded, files: EncoderFiles, features: FeaturesConfig
) -> tuple[list[str], dict[str, Any]]:
    """What the log and environment.json say of the encoder's work."""
    facts = {
        "encoder": files.name,
        "encoder_base": files.base,
        "encoder_sha256": files.checksum,
        "device": embedded.device,
        "truncated_texts": embedded.truncated,
        "vectors_from_cache": embedded.reused,
    }
    note = (
        f"{len(embedded.vectors)} texts encoded by {files.name}, {embedded.reused} of them from "
        f"the cache; {embedded.truncated} longer than {features.encoder.max_tokens} tokens were cut"
    )
    return [note], facts


def _searched(
    tagger: Tagger,
    part: TrainingPart,
    found: SearchResult,
    classifier: ClassifierConfig,
    notes: list[str] | None = None,
    facts: dict[str, Any] | None = None,
) -> Trained:
    said = list(notes or [])
    if len(classifier.pairs) < len(classifier.penalty) * len(classifier.dual):
        said.append("penalty l1 with dual was left out of the grid: no solver exists for it")
    if found.svm.unconverged:
        said.append(f"{found.svm.unconverged} tags stopped at the solver's iteration limit")
    return Trained(
        tagger=tagger,
        held_out_rows=np.arange(part.judged),
        # Copies made by augmentation do not count: a cut is for real articles.
        held_out=found.out_of_fold[: part.judged],
        tuned_on="out-of-fold scores of the training part",
        search=found,
        notes=said,
        facts=facts or {},
    )


def _fit_counter(
    part: TrainingPart, features: FeaturesConfig, classifier: ClassifierConfig, progress: Progress
) -> OnFit:
    total = fit_count(features, classifier, len(part.tags))
    done = 0

    def on_fit(fits: int) -> None:
        nonlocal done
        done += fits
        progress("train", done, total, "fits")

    return on_fit
