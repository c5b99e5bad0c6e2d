"""An encoder's vectors under a one-vs-rest SVM."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from core.features.config import EncoderConfig
from core.features.encoder_files import EncoderFiles
from core.features.vectors import embed_texts
from core.methods.encoding import (
    find_trained_encoder,
    keep_own_encoder,
    require_width,
    share_read,
)
from core.methods.taggers import BaseTagger, EncoderUse
from core.models.bundle import read_bundle, reading_model, write_bundle
from core.solvers.fitted import KernelSvm, LinearSvm, Svm


@dataclass(frozen=True)
class VectorTagger(BaseTagger):
    """An SVM on an encoder's vectors. Scores are margins."""

    KIND = "vector-svm"

    tags: tuple[str, ...]
    thresholds: NDArray[np.float64]
    files: EncoderFiles
    config: EncoderConfig
    svm: Svm

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Margins (n, K) of n texts."""
        if not texts:
            return np.empty((0, len(self.tags)), np.float32)
        return self.scores_of(texts, embed_texts(texts, self.files, self.config).vectors)

    def scores_of(self, texts: Sequence[str], encoded: NDArray[np.float32]) -> NDArray[np.float32]:
        """The same with vectors that are known already, (n, d)."""
        require_width(encoded, self.svm.columns, self.files)
        return self.svm.scores(encoded)

    @property
    def vectors(self) -> EncoderUse:
        """The encoder, whose vectors are all that the SVM is given."""
        return EncoderUse(self.files, self.config)

    def share_read(self, text: str) -> float:
        """The share of the text that the encoder reads, above 0, up to 1."""
        return share_read(text, self.files.folder, self.config)

    def save(self, folder: Path) -> None:
        """A fine-tuned encoder is saved with it, one of a package or the hub by its checksum."""
        settings = {
            "encoder": self.config.model_dump(mode="json"),
            "base": self.files.base,
            "checksum": self.files.checksum,
            "unconverged": self.svm.unconverged,
            "kernel": "linear",
        }
        arrays: dict[str, NDArray[Any]] = {
            "thresholds": self.thresholds,
            "intercepts": self.svm.intercepts,
        }
        if isinstance(self.svm, KernelSvm):
            settings["kernel"] = self.svm.kernel
            arrays |= {"weights": self.svm.factors, "rows": self.svm.rows}
        else:
            arrays["weights"] = self.svm.weights
        keep_own_encoder(self.files, folder)
        texts = {"tags": self.tags}
        write_bundle(folder, kind=self.KIND, settings=settings, texts=texts, arrays=arrays)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Raises RunError if a file or the encoder is missing, changed or of another kind."""
        bundle = read_bundle(folder, kind=cls.KIND)
        with reading_model(folder):
            config = EncoderConfig.model_validate(bundle.settings["encoder"])
            files = find_trained_encoder(folder, config, bundle.settings)
            tags, unconverged = bundle.tags, bundle.unconverged
            arrays, thresholds = bundle.arrays, bundle.thresholds
            weights = arrays.floats("weights", None, len(tags))
            intercepts = arrays.floats("intercepts", len(tags))
            svm: Svm = LinearSvm(weights, intercepts, unconverged)
            if bundle.settings.get("kernel") == "rbf":  # runs of before have no such key
                rows = arrays.floats("rows", len(weights), None)
                svm = KernelSvm(rows, weights, intercepts, "rbf")
            return cls(tags, thresholds, files, config, svm)
