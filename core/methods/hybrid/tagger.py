"""Words, characters and an encoder's vectors side by side under a one-vs-rest linear SVM."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from core.base.arrays import ArrayError
from core.features.config import EncoderConfig, HybridConfig
from core.features.encoder_files import EncoderFiles
from core.features.hybrid import (
    TERM_PARTS,
    HybridTerms,
    encoded_texts,
    hybrid_vectors,
    vector_parts,
)
from core.features.vector_cache import VectorCache
from core.features.vectors import embed_texts
from core.methods.encoding import (
    find_trained_encoder,
    keep_own_encoder,
    require_width,
    share_read,
)
from core.methods.hybrid.second_stage import SecondStage
from core.methods.hybrid.stage_arrays import stage_arrays, stage_of
from core.methods.taggers import BaseTagger
from core.methods.tfidf.tagger import read_tfidf
from core.models.bundle import MANIFEST, read_bundle, reading_model, write_bundle
from core.solvers.fitted import LinearSvm
from core.solvers.matrix import unit_vectors

if TYPE_CHECKING:
    from core.methods.finetune.tagger import FinetunedTagger

_FINETUNED = "finetuned"


@dataclass(frozen=True)
class HybridTagger(BaseTagger):
    """Scores are margins, or the log-odds of a second stage.

    finetuned: the encoder whose logits are a feature of the second stage.
    """

    KIND = "hybrid-svm-2"

    tags: tuple[str, ...]
    thresholds: NDArray[np.float64]
    files: EncoderFiles
    config: EncoderConfig
    terms: HybridTerms
    svm: LinearSvm
    stage: SecondStage | None = None
    finetuned: "FinetunedTagger | None" = None

    @classmethod
    def build(
        cls,
        tags: tuple[str, ...],
        files: EncoderFiles,
        config: EncoderConfig,
        terms: HybridTerms,
        svm: LinearSvm,
    ) -> Self:
        """The cuts are 0."""
        return cls(tags, np.zeros(len(tags)), files, config, terms, kept_svm(svm))

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Margins (n, K) of n texts, or log-odds where there is a second stage."""
        if not texts:
            return np.empty((0, len(self.tags)), np.float32)
        read = encoded_texts(texts, self.terms.config)
        return self.scores_of(texts, embed_texts(read, self.files, self.config).vectors)

    def scores_of(self, texts: Sequence[str], encoded: NDArray[np.float32]) -> NDArray[np.float32]:
        """The same with vectors of encoded_texts that are known already, (vn, e)."""
        width = len(self.svm.weights) - self.terms.columns
        require_width(encoded, width // len(vector_parts(self.terms.config)), self.files)
        X = self.terms.transform(texts, hybrid_vectors(encoded, self.terms.config))
        margins = self.svm.scores(X)
        if not self.stage:
            return margins
        logits = self.finetuned.scores(texts) if self.finetuned else None
        return self.stage.scores(margins, X, texts, logits=logits)

    def vectors_of(self, names: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of length 1 of tags' names, (K, e), which are remembered."""
        words = [name.replace("-", " ") for name in names]
        return unit_vectors(
            embed_texts(words, self.files, self.config, cache=VectorCache()).vectors
        )

    def share_read(self, text: str) -> float:
        """The share of the text that the encoder reads, above 0, up to 1."""
        return share_read(text, self.files.folder, self.config)

    def save(self, folder: Path) -> None:
        """A fine-tuned encoder is saved with it, one of a package or the hub by its checksum."""
        parts = self.terms.parts
        settings = {
            "encoder": self.config.model_dump(mode="json"),
            "hybrid": self.terms.config.model_dump(mode="json"),
            "base": self.files.base,
            "checksum": self.files.checksum,
            "unconverged": self.svm.unconverged,
            "words": self.terms.analyzer,
            "parts": {name: [p.analyzer, p.ngram_range] for name, p in parts.items()},
            "second_stage": self.stage is not None,
            "finetuned": self.finetuned is not None,
        }
        arrays: dict[str, Any] = {
            "thresholds": self.thresholds,
            "weights": self.svm.weights,
            "intercepts": self.svm.intercepts,
            **{f"idf_{name}": part.idf for name, part in parts.items()},
            **(stage_arrays(self.stage) if self.stage else {}),
        }
        texts = {"tags": self.tags, **{f"terms_{name}": p.terms for name, p in parts.items()}}
        if self.stage:
            texts["names"] = tuple("\n".join(names) for names in self.stage.signs.names)
        keep_own_encoder(self.files, folder)
        if self.finetuned:
            self.finetuned.save(folder / _FINETUNED)
        write_bundle(
            folder,
            kind=self.KIND,
            settings=settings,
            texts=texts,
            arrays=arrays,
            more_files=[f"{_FINETUNED}/{MANIFEST}"] if self.finetuned else (),
        )

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Raises RunError if a file or the encoder is missing, changed or of another kind."""
        bundle = read_bundle(folder, kind=cls.KIND)
        settings, arrays = bundle.settings, bundle.arrays
        with reading_model(folder):
            config = EncoderConfig.model_validate(settings["encoder"])
            hybrid = HybridConfig.model_validate(settings["hybrid"])
            files = find_trained_encoder(folder, config, settings)
            tags, unconverged = bundle.tags, bundle.unconverged
            parts = {
                name: read_tfidf(bundle, analyzer, ngram_range, part=name)
                for name, (analyzer, ngram_range) in settings["parts"].items()
                if name in TERM_PARTS
            }
            # Runs of earlier versions do not name their words.
            terms = HybridTerms(parts, hybrid, settings.get("words", "technical"))
            weights = arrays.floats("weights", None, len(tags))
            width = len(weights) - terms.columns
            if width <= 0 or width % len(vector_parts(hybrid)):
                raise ArrayError(f"weights has {len(weights)} rows, for {terms.columns} terms")
            intercepts = arrays.floats("intercepts", len(tags))
            svm = LinearSvm(weights, intercepts, unconverged)
            stage = None
            if settings["second_stage"]:
                names = bundle.strings("names")
                stage = stage_of(arrays, names, svm, terms)
            thresholds = bundle.thresholds
        finetuned = None
        if settings.get("finetuned"):  # runs of before have no such key
            from core.methods.finetune.tagger import FinetunedTagger

            finetuned = FinetunedTagger.load(folder / _FINETUNED)
        tagger = cls(tags, thresholds, files, config, terms, svm, stage, finetuned)
        with reading_model(folder):
            tagger.require_agreement()
        return tagger

    def require_agreement(self) -> None:
        """Raises ValueError if the parts that were saved apart do not belong together."""
        if set(self.terms.parts) != {
            name for name in self.terms.config.parts if name in TERM_PARTS
        }:
            raise ValueError("its terms are of other parts than its settings name")
        if self.finetuned is not None and self.finetuned.tags != self.tags:
            raise ValueError("the fine-tuned encoder has other tags")
        if self.stage is not None and self.stage.uses_logits != (self.finetuned is not None):
            raise ArrayError("stage_weights are of other signs")


def kept_svm(svm: LinearSvm) -> LinearSvm:
    """With dense weights in single precision, as they are saved."""
    weights = svm.weights.toarray() if issparse(svm.weights) else svm.weights
    return replace(svm, weights=weights.astype(np.float32))
