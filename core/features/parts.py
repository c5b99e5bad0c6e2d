"""The title within a text, and several vectors of one text as a single one."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.solvers.matrix import unit_vectors

FloatArray = NDArray[np.float32]
_LONGEST_TITLE = 200


def first_line(text: str) -> str:
    """Read the title, where it stands before the text: at most 200 characters of the first line.

    >>> first_line("Title\\nDescription")
    'Title'
    """
    return text.partition("\n")[0][:_LONGEST_TITLE]


def weigh_parts(parts: Sequence[FloatArray], weights: Sequence[float]) -> FloatArray:
    """Join p vectors (n, d) of each text to one, (n, pd).

    The scalar product of two such is the sum of the parts' cosines, each times its weight.

    >>> weigh_parts([np.array([[3.0, 4.0]]), np.array([[0.0, 2.0]])], [1.0, 4.0])
    array([[0.6, 0.8, 0. , 2. ]])
    """
    weighed = zip(parts, weights, strict=True)
    return np.hstack([unit_vectors(part) * np.float32(weight**0.5) for part, weight in weighed])
