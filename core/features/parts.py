"""What is read of a text apart, and vectors of such parts as one."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.solvers.matrix import unit_vectors as unit_vectors

FloatArray = NDArray[np.float32]
_LONGEST_TITLE = 200


def first_line(text: str) -> str:
    """The title, where it stands before the text."""
    return text.partition("\n")[0][:_LONGEST_TITLE]


def weigh_parts(parts: Sequence[FloatArray], weights: Sequence[float]) -> FloatArray:
    """Of p vectors (n, d) of each text one, (n, pd).

    The product of two such is the sum of the parts' cosines, each by its weight.
    """
    weighed = zip(parts, weights, strict=True)
    return np.hstack([unit_vectors(part) * np.float32(weight**0.5) for part, weight in weighed])
