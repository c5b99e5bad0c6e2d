"""Settings of the features, with every list a grid to search over."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from core.base.config import StrictConfig, as_grid


def _as_ranges(value: Any) -> Any:
    flat = isinstance(value, Sequence) and len(value) == 2 and not isinstance(value[0], Sequence)
    return [value] if flat else value


class FeaturesConfig(StrictConfig):
    """tf-idf of word n-grams.

    analyzer: "sklearn" is scikit-learn's default token pattern (the study's); "technical" keeps
    C, R, C++, C#, .NET and node.js and cuts Chinese into words.
    ngram_range, max_df: searched over where more than one is given. max_df is a share of the
    training articles, min_df a number of them.
    """

    kind: Literal["tfidf"] = "tfidf"
    analyzer: Literal["sklearn", "technical"] = "technical"
    ngram_range: Annotated[
        tuple[tuple[int, int], ...], BeforeValidator(_as_ranges), Field(min_length=1)
    ] = ((1, 2),)
    max_df: Annotated[
        tuple[Annotated[float, Field(gt=0, le=1)], ...],
        BeforeValidator(as_grid),
        Field(min_length=1),
    ] = (0.8,)
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
