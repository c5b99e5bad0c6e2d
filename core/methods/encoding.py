"""What the methods with an encoder share: encoding, how long it takes, and the encoder's files."""

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.errors import ModelError, RunError
from core.base.machine import job_device
from core.features.config import EncoderConfig
from core.features.encoder_files import OWN, EncoderFiles, find_encoder, find_own_encoder
from core.features.token_counts import count_tokens, read_tokenizer, tokens_read
from core.features.vector_cache import VectorCache
from core.features.vectors import Embedded, embed_texts, load, vector_key
from core.methods.base import Training
from core.methods.facts import EncoderFacts
from core.methods.work import Material, Planning, Speed, Work, WorkPlan, measuring, spaced
from core.models.bundle import ARRAYS
from core.settings.experiment import ExperimentConfig

_OWN_FOLDER = "encoder"
_SECONDS = 1.5
_TEXTS_AT_ONCE = 32

Texts = Sequence[str]


def encode_parts(
    given: Training, reads: Callable[[Texts], Texts] = lambda texts: texts
) -> tuple[Embedded, NDArray[np.float32]]:
    """What the encoder makes of the training texts and, apart, the vectors of the test texts.

    reads: what it is given of some texts. All come from the cache or are added to it.
    """
    learnt = reads(given.part.texts)
    with given.steps.step("encode"):
        embedded = embed_texts(
            [*learnt, *reads(given.test.texts)],
            given.encoder,
            given.config.features.encoder,
            cache=VectorCache(),
            progress=given.steps.report,
        )
    return embedded, embedded.vectors[len(learnt) :]


def encoding_note(embedded: Embedded, given: Training) -> str:
    """A sentence on the encoder's work, for the log."""
    return (
        f"{len(embedded.vectors)} texts encoded by {given.encoder.name}, {embedded.reused} of them "
        f"from the cache; {embedded.truncated} longer than "
        f"{given.config.features.encoder.max_tokens} tokens were cut"
    )


def encoding_facts(embedded: Embedded, files: EncoderFiles) -> EncoderFacts:
    """What the run's record says of the encoder."""
    return EncoderFacts(
        encoder=files.name,
        encoder_base=files.base,
        encoder_sha256=files.checksum,
        device=embedded.device,
        truncated_texts=embedded.truncated,
        vectors_from_cache=embedded.reused,
    )


def plan_encoding(given: Planning) -> tuple[Work, WorkPlan]:
    """The work of encoding what is not in the cache, and a plan that tells tokens and cache."""
    read = np.concatenate([given.tokens, given.test_tokens])
    encoder = given.config.features.encoder
    keys = [vector_key(t, given.encoder, encoder) for t in [*given.part.texts, *given.test_texts]]
    known = VectorCache().present(list(dict.fromkeys(keys))) if given.may_be_cached else set()
    cached = np.array([key in known for key in keys])
    missing = int(read[~cached].sum())
    work = Work("encode", encode_kind(given.config, given.encoder), missing)
    return work, WorkPlan((work,), tokens=int(read.sum()), cached=int(cached.sum()))


def encode_kind(config: ExperimentConfig, files: EncoderFiles) -> str:
    """The kind of work that encoding is; what decides its speed."""
    encoder = config.features.encoder
    return f"encode {files.base} {encoder.precision} {job_device(encoder.device).kind}"


def measure_encoding(given: Material) -> Speed:
    """Load the encoder, then encode texts of every length for a second or two."""
    encoder, texts = given.config.features.encoder, given.part.texts
    rows = spaced(len(texts), 8 * _TEXTS_AT_ONCE)
    lengths = tokens_read(count_tokens([texts[row] for row in rows]), encoder)
    # Each block holds short and long texts, and is encoded in batches of like length.
    blocks = [rows[start::8] for start in range(8)]
    with measuring() as encoding:
        begun = time.perf_counter()
        embed_texts([texts[rows[0]]], given.encoder, encoder)
        loaded, done = time.perf_counter(), 0.0
        for number, block in enumerate(blocks):
            load(given.encoder, encoder).encode([texts[row] for row in block], encoder)
            done += float(lengths[number::8].sum())
            if time.perf_counter() - loaded > _SECONDS:
                break
    kind = encode_kind(given.config, given.encoder)
    return encoding.speed(kind, done, start=loaded - begun)


def share_read(text: str, folder: Path, config: EncoderConfig) -> float:
    """The share of the text's tokens that an encoder in the folder reads; 1 if that is unknown."""
    if config.long_texts == "chunks" or not (folder / "tokenizer.json").is_file():
        return 1.0
    tokens = len(read_tokenizer(folder).encode(text, add_special_tokens=False).ids)
    return min((config.max_tokens - 2) / max(tokens, 1), 1.0)


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
