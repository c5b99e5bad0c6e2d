"""Settings of the first steps: which articles and texts, how they are split and augmented."""

from typing import Literal

from pydantic import Field

from core.base.config import StrictConfig

# How articles are shared out by their tags.
Rule = Literal["stratified", "iterative"]


class DataConfig(StrictConfig):
    """Which articles, and what of each is read.

    text_column: "everything" is the description followed by the full text.
    partial_length: characters of full text read by text_column "partial_text".
    min_tag_count: a tag is kept if at least so many articles have it.
    min_description_length: characters; shorter articles are dropped.
    languages: ISO 639-1 codes; empty means all.
    most_articles: a fixed random subset of so many, drawn after the other filters of articles
    and before tags are counted; 0 takes all.
    corrections, extra: sets or files whose articles are only ever learnt from: they change neither
    the split of the other articles nor their folds nor the tags, and nothing is judged or tuned on
    them. corrections: of this data's own kind. extra: another corpus, its tags mapped to this
    data's by name and by known alias.
    extra_most: a fixed random subset of so many extra articles; 0 takes all.
    """

    sources: tuple[str, ...] = Field(("sample",), min_length=1)
    text_column: Literal["title", "description", "fulltext", "partial_text", "everything"] = (
        "description"
    )
    partial_length: int = Field(1000, ge=1)
    prepend_title: bool = True
    languages: tuple[str, ...] = ()
    min_tag_count: int = Field(20, ge=1)
    min_description_length: int = Field(0, ge=0)
    most_articles: int = Field(0, ge=0)
    corrections: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    extra_most: int = Field(0, ge=0)


class SplitConfig(StrictConfig):
    """How articles are shared out.

    method: "stratified" gives each tag its share of test articles, and pairs of tags theirs where
    that is free; "iterative" is scikit-multilearn's rule, which goes by pairs of tags first and can
    leave a tag without test articles; "file" takes each article's own split.
    group_duplicates: copies of one article (same address, or same title and description)
    stay on one side.
    """

    method: Literal["stratified", "iterative", "random", "file"] = "stratified"
    test_share: float = Field(0.3, gt=0, lt=1)
    group_duplicates: bool = True

    @property
    def rule(self) -> Rule:
        """By which training articles are shared out too: to folds, and to a validation part."""
        return "iterative" if self.method == "iterative" else "stratified"


class AugmentConfig(StrictConfig):
    """Cropped copies of training articles: `level` more of each, cut by up to `crop_ratio`.

    rare_tag_rows: articles of rarer tags get more copies, until each tag stands in about so many
    rows (over-sampling); 0 for none.
    unit: what is cropped; "auto" takes characters for Chinese and Japanese, words for others.
    """

    level: int = Field(0, ge=0, le=20)
    crop_ratio: float = Field(0.1, ge=0, lt=0.5)
    rare_tag_rows: int = Field(0, ge=0)
    unit: Literal["auto", "word", "character"] = "auto"
