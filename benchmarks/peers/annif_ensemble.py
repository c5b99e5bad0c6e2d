"""Annif's ensemble of tf-idf, lexical matching and Omikuji's Bonsai, weighed by its own search.

Runs without Tagsmith, in an environment of its own (python -m pip install "annif[omikuji]==1.4.3"),
for it wants an older numpy than the other peers: python annif_ensemble.py ARTICLES.json FOLDER
The backends' settings are those of Annif's documentation. Its weights are searched on a tenth of
the training articles, of which its backends know nothing then.
"""

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import annif
import annif.registry
import nltk
import numpy as np
from _tuned import Articles, answer
from annif.corpus import Document, DocumentList
from annif.corpus.types import SubjectSet
from annif.registry import get_project, get_vocab
from annif.vocab import VocabFileTSV
from nltk.tokenize.punkt import PunktSentenceTokenizer

# Weights that rank best (its default, NDCG) came to .623 micro F1 on entech, these to .664.
METRIC, TRIALS = "F1@5", 40
BACKENDS = {
    "tfidf": "backend=tfidf",
    "mllm": "backend=mllm",
    "bonsai": "backend=omikuji\ncluster_balanced=False\ncluster_k=100\nmax_depth=3",
}
SHARED = "language=en\nanalyzer=snowball(english)\nvocab=tags\nlimit=100"


def scores_of(
    names: Sequence[str], train: Articles, asked: Sequence[str]
) -> tuple[np.ndarray, int]:
    def corpus(articles: Articles) -> DocumentList:
        return DocumentList(
            [
                Document(text, SubjectSet(np.flatnonzero(tags).tolist()))
                for text, tags in zip(articles.texts, articles.tags, strict=True)
            ]
        )

    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        sections = {**BACKENDS, "both": f"backend=ensemble\nsources={','.join(BACKENDS)}"}
        Path("projects.cfg").write_text(
            "\n".join(f"[{name}]\nname={name}\n{of}\n{SHARED}" for name, of in sections.items())
        )
        Path("tags.tsv").write_text(
            "".join(f"<http://example.org/{row}>\t{name}\n" for row, name in enumerate(names))
        )
        app = annif.create_flask_app()
        annif.registry.initialize_projects(app)
        with app.app_context():
            get_vocab("tags").load_vocabulary(VocabFileTSV("tags.tsv", "en"))
            order = np.random.default_rng(0).permutation(len(train.texts))
            tenth = len(order) // 10
            ensemble = get_project("both")
            train_backends(corpus(train.rows(order[tenth:])))
            searched = ensemble.hyperopt(corpus(train.rows(order[:tenth])), TRIALS, 1, METRIC, None)
            weights = searched.lines[0].removeprefix("sources=")
            print(weights, file=sys.stderr)
            train_backends(corpus(train))
            documents = [Document(text) for text in asked]
            found = ensemble.suggest(documents, {"ensemble": {"sources": weights}})
        kept = Path("data/projects").rglob("*")
        size = sum(path.stat().st_size for path in kept if path.is_file())
        return found.array.toarray(), size


def train_backends(articles: DocumentList) -> None:
    for name in BACKENDS:
        get_project(name).train(articles)


def without_downloads() -> None:
    """Sentences by NLTK's untrained rules: its trained ones are a download."""
    folder = Path(tempfile.mkdtemp())
    (folder / "tokenizers" / "punkt_tab").mkdir(parents=True)
    nltk.data.path.insert(0, str(folder))
    sentences = PunktSentenceTokenizer().tokenize
    words = nltk.tokenize.NLTKWordTokenizer().tokenize
    nltk.tokenize.sent_tokenize = sentences
    nltk.tokenize.word_tokenize = lambda text: [w for part in sentences(text) for w in words(part)]


if __name__ == "__main__":
    without_downloads()
    names = json.loads(Path(sys.argv[1]).read_text())["names"]
    answer("Annif ensemble, one tuned cut", partial(scores_of, names))
