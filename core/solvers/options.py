"""The values that the solvers' options take."""

from typing import Literal

Penalty = Literal["l1", "l2"]
Dual = bool | Literal["auto"]
Kernel = Literal["linear", "rbf"]
