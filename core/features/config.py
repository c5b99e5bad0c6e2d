"""Settings of the features, with every list a grid to search over."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from core.base.config import StrictConfig


def _as_ranges(value: Any) -> Any:
    flat = isinstance(value, Sequence) and len(value) == 2 and not isinstance(value[0], Sequence)
    return [value] if flat else value


Pooling = Literal["cls", "mean", "layers"]
Precision = Literal["fp32", "bf16"]


class EncoderConfig(StrictConfig):
    """A pretrained encoder and how a text becomes one vector.

    name: "minilm" (works offline), "bert-mini", a hub id, a folder, or "run:NAME" for the
    encoder that a fine-tuning run saved; NAME is a run's id or a preset.
    pooling: the [CLS] vector (the study's), the mean over the tokens, or "layers": that, and the
    means of the middle layer over all tokens and over the first line, in the same pass.
    max_tokens: of a text, special tokens included; longer ones are cut, or read in windows of
    that length and averaged where long_texts is "chunks".
    precision: bf16 only where the device computes in it; elsewhere that is several times slower, so
    fp32 is taken.
    batch_tokens: rows x longest row of a batch; part of the settings so that figures repeat.
    """

    name: str = Field("minilm", min_length=1)
    pooling: Pooling = "mean"
    max_tokens: int = Field(256, ge=8, le=512)
    long_texts: Literal["cut", "chunks"] = "cut"
    precision: Precision = "fp32"
    device: Literal["auto", "cuda", "mps", "cpu"] = "auto"
    batch_tokens: int = Field(1024, ge=8)


class HybridConfig(StrictConfig):
    """Weights of a hybrid's parts in the similarity of two texts; 0 leaves a part out.

    words, characters: tf-idf of the text; title_words: of its first line. text_vector,
    title_vector: the encoder's, of the text and of its first line.
    second_stage: judge each margin again beside each part's own margin, the neighbours' tags and
    the tag's name.
    finetuned: give it the logits of an encoder that is fine-tuned on the tags as well. That is
    done by the settings of "finetune" but for the validation share, in all epochs, once without
    each fold and once on all articles.
    """

    words: float = Field(1.0, ge=0)
    title_words: float = Field(1.0, ge=0)
    characters: float = Field(1.0, ge=0)
    text_vector: float = Field(1.0, ge=0)
    title_vector: float = Field(1.0, ge=0)
    second_stage: bool = True
    finetuned: bool = False

    @property
    def parts(self) -> list[str]:
        """Names of those with a weight."""
        return [name for name, weight in self if weight and not isinstance(weight, bool)]

    @model_validator(mode="after")
    def _both_sides(self) -> "HybridConfig":
        if not (self.words + self.title_words + self.characters):
            raise ValueError(
                "a hybrid without words is the same as the method encoder: set a weight above 0"
            )
        if not (self.text_vector + self.title_vector):
            raise ValueError(
                "a hybrid without vectors is the same as the method tfidf: set a weight above 0"
            )
        if self.finetuned and not self.second_stage:
            raise ValueError("only the second stage uses a fine-tuned encoder: set it to true")
        return self


class FeaturesConfig(StrictConfig):
    """Settings of tf-idf of word n-grams, of an encoder's vectors, and of a hybrid of both.

    analyzer: "sklearn" is scikit-learn's default token pattern (the study's); "technical-2" keeps
    C, R, C++, C#, .NET and node.js and cuts Chinese into words; "technical" is its forerunner,
    which breaks names that touch Chinese or a version.
    ngram_range, max_df: searched over where more than one is given. max_df is a share of the
    training articles, min_df a number of them.
    """

    encoder: EncoderConfig = EncoderConfig()
    hybrid: HybridConfig = HybridConfig()
    analyzer: Literal["sklearn", "technical", "technical-2"] = "technical-2"
    ngram_range: Annotated[
        tuple[tuple[int, int], ...], BeforeValidator(_as_ranges), Field(min_length=1)
    ] = ((1, 2),)
    max_df: tuple[Annotated[float, Field(gt=0, le=1)], ...] = Field((0.8,), min_length=1)
    min_df: int = Field(1, ge=1)
    sublinear_tf: bool = True

    @model_validator(mode="after")
    def _ranges_rise(self) -> "FeaturesConfig":
        for low, high in self.ngram_range:
            if not 1 <= low <= high <= 6:
                raise ValueError(
                    f"features.ngram_range cannot be [{low}, {high}]: "
                    "write [shortest, longest] with 1 <= shortest <= longest <= 6."
                )
        return self
