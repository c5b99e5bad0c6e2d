"""An encoder's vectors under a one-vs-rest SVM."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from core.base.errors import ModelError, RunError
from core.features.config import EncoderConfig
from core.features.encoder_files import OWN, EncoderFiles, find_encoder, find_own_encoder
from core.features.vectors import embed_texts
from core.methods.occlusion import occluded_parts
from core.methods.tfidf import Contributions, read_thresholds, unconverged_of
from core.models.bundle import ARRAYS, read_bundle, reading_model, write_bundle
from core.solvers.fitted import KernelSvm, LinearSvm, Svm

_OWN_FOLDER = "encoder"


@dataclass(frozen=True)
class VectorTagger:
    """Scores are margins."""

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

    def contributions(self, text: str) -> Contributions:
        return occluded_parts(self.scores, text)

    def with_thresholds(self, thresholds: NDArray[np.float64]) -> Self:
        """The same tagger with other thresholds (K,)."""
        return replace(self, thresholds=thresholds)

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
            tags, unconverged = bundle.tags, unconverged_of(bundle)
            arrays, thresholds = bundle.arrays, read_thresholds(bundle)
            weights = arrays.floats("weights", None, len(tags))
            intercepts = arrays.floats("intercepts", len(tags))
            svm: Svm = LinearSvm(weights, intercepts, unconverged)
            if bundle.settings.get("kernel") == "rbf":  # runs of before have no such key
                rows = arrays.floats("rows", len(weights), None)
                svm = KernelSvm(rows, weights, intercepts, "rbf")
            return cls(tags, thresholds, files, config, svm)


def require_width(encoded: NDArray[np.float32], known: int, files: EncoderFiles) -> None:
    """Raises ModelError if the encoder's vectors (n, d) are not as long as those learnt from."""
    if encoded.shape[1] != known:
        raise ModelError(
            f"The encoder {files.name!r} gives vectors of {encoded.shape[1]} numbers, but {ARRAYS} "
            f"of the model is for vectors of {known}. Train it again."
        )


def keep_own_encoder(files: EncoderFiles, folder: Path) -> None:
    """Copy a fine-tuned encoder into a model's folder; others are found again by name."""
    if files.name == OWN:
        shutil.copytree(files.folder, folder / _OWN_FOLDER)


def find_trained_encoder(
    folder: Path, config: EncoderConfig, settings: Mapping[str, Any]
) -> EncoderFiles:
    """The encoder that the model in `folder` was trained on: its own, else the named one.

    settings: with its base and checksum. Raises RunError if it has changed since.
    """
    own = folder / _OWN_FOLDER
    files = find_own_encoder(own, settings["base"]) if own.is_dir() else find_encoder(config.name)
    if files.checksum != settings["checksum"]:
        raise RunError(
            f"The encoder {files.name!r} has changed since the model in {folder} was trained. "
            "Train it again."
        )
    return files
