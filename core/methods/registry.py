"""A saved tagger of any kind."""

from pathlib import Path

from core.methods.encoder import VectorTagger
from core.methods.hybrid.tagger import HybridTagger
from core.methods.tfidf import Tagger, TfidfTagger
from core.models.bundle import read_kind

_FINETUNED = "finetuned"


def load_tagger(folder: Path) -> Tagger:
    """The tagger saved in a folder. Raises RunError if it is damaged or of no known kind."""
    kind = read_kind(folder)
    if kind == _FINETUNED:
        # torch comes with it; the other kinds start without.
        from core.methods.finetune.tagger import FinetunedTagger

        return FinetunedTagger.load(folder)
    kinds: dict[str, type[Tagger]] = {
        VectorTagger.KIND: VectorTagger,
        HybridTagger.KIND: HybridTagger,
    }
    return kinds.get(kind, TfidfTagger).load(folder)
