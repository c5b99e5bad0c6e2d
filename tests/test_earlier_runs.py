"""Models that were saved with an earlier way to cut words still score as they did."""

import json
import shutil

import numpy as np
import pytest
from scipy.sparse import csr_array

from core.features.tfidf import Tfidf
from core.methods.hybrid.tagger import HybridTagger
from core.methods.tfidf.tagger import TfidfTagger
from core.runs.experiment import run_experiment
from core.solvers.fitted import LinearSvm
from core.study.presets import configure, preset_named
from core.suggest.highlights import mark_text


@pytest.fixture
def saved_before(tmp_path):
    """A tagger whose four terms each have a weight of their own, saved under the old name."""
    terms = ("17", "c", "c++", "写 c")
    weights = csr_array(np.array([[1.0], [10.0], [100.0], [1000.0]], dtype=np.float32))
    tfidf = Tfidf("technical", (1, 2), False, terms, np.ones(4))
    svm = LinearSvm(weights, np.zeros(1, np.float32), 0)
    TfidfTagger(("c++",), np.zeros(1), tfidf, svm).save(tmp_path / "model")
    return TfidfTagger.load(tmp_path / "model")


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("C++17", [1, 1, 0, 0]),  # which new runs read as c++ and 17
        ("用C++写", [0, 1, 0, 0]),
        ("写C语言 in C++", [0, 1, 1, 1]),
    ],
)
def test_a_model_saved_before_counts_the_words_it_learnt(saved_before, text, counts):
    row = np.array(counts, dtype=float)
    expected = row / np.linalg.norm(row) @ np.array([1.0, 10.0, 100.0, 1000.0])
    np.testing.assert_allclose(saved_before.scores([text]), [[expected]], rtol=1e-5)


def test_its_words_are_marked_where_they_stand(saved_before):
    text = "C++17, Ｃ"
    marked = mark_text(text, saved_before, saved_before.contributions(text), "c++")
    assert [stretch.text for stretch in marked if stretch.part] == ["C", "17", "Ｃ"]
    assert "".join(stretch.text for stretch in marked) == text


def test_a_hybrid_saved_before_looks_for_names_among_its_own_words(
    tiny_bert, articles, store, tmp_path
):
    config = configure(
        preset_named("best-hybrid").config(),
        assignments=[
            *("data.min_tag_count=5", "classifier.C=1", "features.hybrid.second_stage=false"),
            *(f"features.encoder.name={tiny_bert}", "features.encoder.device=cpu"),
        ],
    )
    run = run_experiment(config, store, articles=articles).run
    assert HybridTagger.load(run.folder / "model").terms.analyzer == "technical-2"

    folder = shutil.copytree(run.folder / "model", tmp_path / "model")
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["settings"]["words"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert HybridTagger.load(folder).terms.analyzer == "technical"
