"""The report of one run: what `report.json` and every metric table hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.metrics.averages import Average, build_averages, f_beta, precision, recall
from core.metrics.counts import Outcomes, count_outcomes, predict
from core.metrics.ranking import ndcg_at_k, precision_at_k, ranked_hits

KS = (1, 3, 5)
# Tags that a note names.
_NAMED = 5
Cut = NDArray[np.floating] | float


@dataclass(frozen=True)
class ZeroDivision:
    """Entries whose precision or recall is undefined and counts as 0."""

    tags_never_predicted: int
    tags_without_articles: int
    articles_without_prediction: int
    articles_without_tags: int


@dataclass(frozen=True)
class Report:
    """Figures of one scored part at one threshold rule, named in `at`.

    averages: by "micro avg", ...; cuts: the same averages at each rule; shares are 0..1;
    precision_at and ndcg_at: by k; tags_per_article: suggested ones, mean.
    """

    at: str
    averages: Mapping[str, Average]
    cuts: Mapping[str, Mapping[str, Average]]
    subset_accuracy: float
    precision_at: Mapping[int, float]
    ndcg_at: Mapping[int, float]
    empty_rate: float
    tags_per_article: float
    zero_division: ZeroDivision
    per_language: Mapping[str, Mapping[str, Average]]


def build_report(
    truth: csr_array,
    scores: NDArray[np.floating],
    cuts: Mapping[str, Cut],
    *,
    at: str,
    languages: Sequence[str],
) -> Report:
    """Evaluate scores against the truth under every threshold rule.

    truth: bool (n, K); scores: (n, K). cuts: rule -> thresholds, one for all tags or (K,); `at`
    names the rule whose figures the report is about. languages: of each article.
    """
    counts = {rule: count_outcomes(truth, predict(scores, cut)) for rule, cut in cuts.items()}
    averages = {rule: build_averages(count) for rule, count in counts.items()}
    at_cut = counts[at].by_article
    hits = ranked_hits(truth, scores)
    ks = [k for k in KS if k <= truth.shape[1]]
    return Report(
        at=at,
        averages=averages[at],
        cuts=averages,
        subset_accuracy=subset_accuracy(at_cut),
        precision_at={k: precision_at_k(hits, k) for k in ks},
        ndcg_at={k: ndcg_at_k(hits, k) for k in ks},
        empty_rate=float((at_cut.predicted == 0).mean()),
        tags_per_article=float(at_cut.predicted.mean()),
        zero_division=_zero_division(counts[at].by_tag, at_cut),
        per_language=_per_language(truth, predict(scores, cuts[at]), languages),
    )


def subset_accuracy(by_article: Outcomes) -> float:
    """Compute the share of articles whose predicted tags are exactly the true ones, 0..1."""
    return float(is_exact(by_article).mean())


def is_exact(by_article: Outcomes) -> NDArray[np.bool_]:
    """Tell of each article, (n,), whether its predicted tags are exactly the true ones."""
    hits = by_article.true_positives
    return (hits == by_article.predicted) & (hits == by_article.support)


def per_tag_table(truth: csr_array, predicted: csr_array, tags: Sequence[str]) -> pd.DataFrame:
    """Evaluate each tag: a row with precision, recall, f1_score (0..1), support and predicted.

    truth, predicted: bool (n, K). support: articles with the tag; predicted: articles given it.
    """
    by_tag = count_outcomes(truth, predicted).by_tag
    return pd.DataFrame(
        {
            "tag": list(tags),
            "precision": precision(by_tag),
            "recall": recall(by_tag),
            "f1_score": f_beta(by_tag),
            "support": by_tag.support,
            "predicted": by_tag.predicted,
        }
    )


def macro_f1_of_tested(per_tag: pd.DataFrame) -> float | None:
    """Average the F1 of the tags that have test articles, 0..1; None if no tag has any.

    per_tag: as per_tag_table makes it.
    """
    tested = per_tag.loc[per_tag["support"] > 0, "f1_score"]
    return float(tested.mean()) if len(tested) else None


def untested_note(per_tag: pd.DataFrame) -> str | None:
    """Say in a sentence which tags have no test article; None if every tag has some."""
    untested = per_tag.loc[per_tag["support"] == 0, "tag"].tolist()
    if not untested:
        return None
    names = ", ".join(untested[:_NAMED])
    if len(untested) > _NAMED:
        names += f" and {len(untested) - _NAMED} more"
    said = (
        f"{len(untested)} of {len(per_tag)} tags have no test article ({names}): how well they are "
        "suggested is not known, and macro F1 counts each of them as 0."
    )
    mean = macro_f1_of_tested(per_tag)
    return said if mean is None else f"{said} The macro F1 of the other tags is {mean:.3f}."


def averages_json(averages: Mapping[str, Average]) -> dict[str, dict[str, Any]]:
    """Put averages under the names of scikit-learn's classification_report."""
    return {
        name: {
            "precision": average.precision,
            "recall": average.recall,
            "f1-score": average.f1_score,
            "support": average.support,
        }
        for name, average in averages.items()
    }


def _zero_division(by_tag: Outcomes, by_article: Outcomes) -> ZeroDivision:
    return ZeroDivision(
        tags_never_predicted=int((by_tag.predicted == 0).sum()),
        tags_without_articles=int((by_tag.support == 0).sum()),
        articles_without_prediction=int((by_article.predicted == 0).sum()),
        articles_without_tags=int((by_article.support == 0).sum()),
    )


def _per_language(
    truth: csr_array, predicted: csr_array, languages: Sequence[str]
) -> dict[str, dict[str, Average]]:
    of_article = np.asarray(languages)
    result = {}
    for language in sorted(set(languages)):
        rows = np.flatnonzero(of_article == language)
        result[language] = build_averages(count_outcomes(truth[rows], predicted[rows]))
    return result
