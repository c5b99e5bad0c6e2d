"""What a method reports of the encoder it used, for the record of a run's environment."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class EncoderFacts:
    """The encoder of a training and how it was used; None for what the method does not do.

    encoder_base: the pretrained encoder behind it. truncated_texts: longer than the encoder reads;
    vectors_from_cache: texts that were not encoded again. precision, epochs, best_epoch and
    validation_articles: of fine-tuning.
    """

    encoder: str
    encoder_base: str
    encoder_sha256: str
    device: str
    truncated_texts: int | None = None
    vectors_from_cache: int | None = None
    precision: str | None = None
    epochs: int | None = None
    best_epoch: int | None = None
    validation_articles: int | None = None

    def known(self) -> dict[str, Any]:
        """The facts that are not None, by name."""
        return {name: value for name, value in asdict(self).items() if value is not None}
