"""A second stage as the arrays that a saved model keeps of it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import ArrayError, StoredArrays
from core.features.hybrid import HybridTerms, vector_parts
from core.methods.hybrid.second_stage import SIGNS_OF_WHOLE, SecondStage, Signs
from core.solvers.fitted import LinearSvm
from core.solvers.matrix import SideBySide


def stage_arrays(stage: SecondStage) -> dict[str, NDArray[Any]]:
    """All but the names, to be saved."""
    signs, sparse = stage.signs, stage.signs.rows.sparse
    return {
        "stage_weights": stage.weights,
        "stage_intercept": np.array(stage.intercept),
        "part_weights": np.vstack([svm.weights for svm in stage.part_svms]),
        "part_intercepts": np.stack([svm.intercepts for svm in stage.part_svms]),
        "rows_data": sparse.data.astype(np.float32),
        "rows_indices": sparse.indices,
        "rows_indptr": sparse.indptr,
        "rows_dense": signs.rows.dense,
        "row_tags": signs.Y.indices,
        "row_ends": signs.Y.indptr,
        "name_vectors": signs.name_vectors,
        "centre": signs.centre,
        "spread": signs.spread,
    }


def stage_of(
    arrays: StoredArrays, names: Sequence[str], svm: LinearSvm, terms: HybridTerms
) -> SecondStage:
    """names: as they were saved, those of a tag joined by line ends. svm: on all parts.

    Raises ArrayError if an array is not as it must be.
    """
    rows, K = svm.weights.shape
    if len(names) != K:
        raise ArrayError(f"weights are of {K} tags, and there are names of {len(names)}")
    signs = _signs_of(arrays, names, rows - terms.columns, terms)
    widths = [part.shape[1] for part in terms.split(signs.rows).values()]
    weights = np.split(arrays.floats("part_weights", rows, K), np.cumsum(widths)[:-1])
    svms = map(LinearSvm, weights, arrays.floats("part_intercepts", len(widths), K))
    of_signs = arrays.floats("stage_weights", None)
    if len(of_signs) - (SIGNS_OF_WHOLE + 2 * len(widths)) not in (0, 1):
        raise ArrayError(f"stage_weights has {len(of_signs)} numbers for {len(widths)} parts")
    return SecondStage(signs, tuple(svms), of_signs, float(arrays.floats("stage_intercept")))


def _signs_of(arrays: StoredArrays, names: Sequence[str], width: int, terms: HybridTerms) -> Signs:
    """width: of the vectors of an article, side by side."""
    dense = arrays.floats("rows_dense", None, width)
    n, K = len(dense), len(names)
    if not n:
        raise ArrayError("rows_dense holds no article")
    columns = (n, terms.columns)
    sparse = arrays.sparse("rows_indices", "rows_indptr", columns, data="rows_data")
    return Signs(
        terms,
        SideBySide(sparse, dense),
        arrays.sparse("row_tags", "row_ends", (n, K)),
        tuple(tuple(of_tag.split("\n")) for of_tag in names),
        arrays.floats("name_vectors", K, width // len(vector_parts(terms.config))),
        arrays.floats("centre", K),
        arrays.floats("spread", K, above=0.0),
    )
