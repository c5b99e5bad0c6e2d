"""A saved tagger of any kind."""

from pathlib import Path

from core.models.bundle import read_kind
from core.models.hybrid_tagger import HybridTagger
from core.models.tagger import Tagger, TfidfTagger
from core.models.vector_tagger import VectorTagger

_FINETUNED = "finetuned"


def load_tagger(folder: Path) -> Tagger:
    """The tagger saved in a folder. Raises RunError if it is damaged or of no known kind."""
    kind = read_kind(folder)
    if kind == _FINETUNED:
        # torch comes with it; the other kinds start without.
        from core.models.finetune import FinetunedTagger

        return FinetunedTagger.load(folder)
    kinds: dict[str, type[Tagger]] = {
        VectorTagger.KIND: VectorTagger,
        HybridTagger.KIND: HybridTagger,
    }
    return kinds.get(kind, TfidfTagger).load(folder)
