"""Arrays of a stranger's run: wrong ones end in a sentence that names their file."""

import io
import json
import shutil
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from core.base.arrays import StoredArrays, read_arrays
from core.base.errors import ModelError, RunError
from core.base.files import file_sha256, read_json, write_json
from core.features.config import EncoderConfig
from core.features.encoder_files import find_encoder
from core.features.vector_cache import VectorCache
from core.features.vectors import embed_texts
from core.methods.registry import load_tagger
from core.runs.calibrated import read_calibration
from core.runs.experiment import run_experiment
from core.runs.operating_points import trained_point
from core.runs.store import RunStore
from core.study.presets import configure, preset_named
from tests.conftest import PROJECT

SMALL = ("data.min_tag_count=5", "features.max_df=1.0", "classifier.C=1", "classifier.folds=2")
HYBRID = ("features.hybrid.characters=0", "features.hybrid.title_words=0")
METHODS = {
    "best-tfidf": (),
    "best-encoder": (),
    "study-02": ("data.languages=[]",),
    "best-hybrid": HYBRID,
    "best-finetuned": ("finetune.epochs=1",),
}
# What a change may leave as it was: the same numbers in another form, or in rows of their own sum.
ALLOWED = ("Fortran order", "other byte order", "whole numbers as floats", "transposed", "flat")


def trained(preset, articles, tiny_bert, store):
    encoder = (f"features.encoder.name={tiny_bert}", "features.encoder.device=cpu")
    config = configure(
        preset_named(preset).config(), assignments=[*SMALL, *encoder, *METHODS[preset]]
    )
    return run_experiment(config, store, articles=articles[:60]).run


@pytest.fixture(scope="module")
def tried(articles, tiny_bert, tmp_path_factory):
    """By method: (array, change, what came of it) of every change; all in one other process."""
    folder = tmp_path_factory.mktemp("models")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TAGSMITH_HOME", str(folder / "home"))
        for preset in METHODS:
            run = trained(preset, articles, tiny_bert, RunStore())
            shutil.copytree(run.folder / "model", folder / preset)
        done = subprocess.run(
            [sys.executable, "-m", "tests.hostile.array_fuzz", *(str(folder / p) for p in METHODS)],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=300,
        )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, (lines[-1:], done.stderr[-1500:])
    return {preset: [line[1:] for line in lines if line[0] == preset] for preset in METHODS}


@pytest.mark.parametrize("preset", METHODS)
def test_a_changed_array_is_a_sentence_or_changes_nothing(preset, tried):
    assert len(tried[preset]) > 40
    for array, change, (kind, said) in tried[preset]:
        if kind == "scores" and change in ALLOWED:
            assert said == "the same", (array, change, said)
        elif kind == "scores":  # a number of the range that belongs there, or one in its place
            assert said == "the same" or array.endswith(("indices", "tags", "ends", "indptr"))
        else:
            assert kind in ("RunError", "ModelError"), (array, change, said)
            assert "arrays.npz" in said, (array, change, said)
            assert "\n" not in said


def test_scores_of_a_run_are_checked_before_they_are_used(articles, store, tiny_bert):
    run = trained("best-tfidf", articles, tiny_bert, store)
    path = run.folder / "scores.npz"
    with np.load(path) as stored:
        arrays = {name: stored[name] for name in stored.files}
    scores, ends = arrays["test_scores"], arrays["test_indptr"]
    for change in (
        {"test_scores": scores[:-1]},
        {"test_scores": scores[:, :-1]},
        {"test_scores": np.where(scores == scores[0, 0], np.nan, scores)},
        {"test_scores": scores.astype(int)},
        {"test_indices": arrays["test_indices"] + 10**6},
        {"test_indices": arrays["test_indices"] - 1},
        {"test_indptr": ends[::-1]},
        {"test_indptr": ends * 1000},
        {"test_ids": arrays["test_ids"][:-1]},
        {"test_ids": np.repeat(arrays["test_ids"][:1], len(scores))},
        {"tags": arrays["tags"][::-1]},
    ):
        np.savez(path, **{**arrays, **change})
        accept_files(run)
        with pytest.raises(RunError, match=r"scores\.npz cannot be read"):
            RunStore().load(run.id).read_part("test")
    np.savez(path, **{**arrays, "test_scores": np.asfortranarray(scores)})
    accept_files(run)
    np.testing.assert_array_equal(RunStore().load(run.id).read_part("test").scores, scores)


def accept_files(run):
    status = read_json(run.folder / "status.json")
    for name in ("scores.npz", "thresholds.json"):
        status["files"][name] = file_sha256(run.folder / name)
    write_json(run.folder / "status.json", status)


@pytest.mark.parametrize(
    "change",
    [
        {"global": float("nan")},
        {"global": "0.5"},
        {"global": None},
        {"rule": "unknown"},
        {"rule": ["global"]},
        {"per_tag": {"golang": 0.1}},
        {"per_tag": [0.1]},
    ],
)
def test_cuts_of_a_run_are_checked_before_they_are_used(change, articles, store, tiny_bert):
    run = trained("best-tfidf", articles, tiny_bert, store)
    path = run.folder / "thresholds.json"
    path.write_text(json.dumps({**read_json(path), **change}))
    accept_files(run)
    with pytest.raises(RunError, match=r"thresholds\.json cannot be read"):
        trained_point(RunStore().load(run.id))


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "sigmoid", "slope": 1.0, "offset": float("nan")},
        {"kind": "sigmoid", "slope": float("inf"), "offset": 0.0},
        {"kind": "isotonic", "scores": [0.0, 1.0], "values": [0.5]},
        {"kind": "isotonic", "scores": [1.0, 0.0], "values": [0.1, 0.5]},
        {"kind": "isotonic", "scores": [0.0, 1.0], "values": [0.1, 7.0]},
    ],
)
def test_a_changed_calibration_is_made_again(changed, articles, store, tiny_bert):
    run = trained("best-tfidf", articles, tiny_bert, store)
    fitted = read_calibration(run)
    path = run.folder / "calibration-sigmoid.json"
    values = read_json(path)
    values["curves"][run.tags[0]] = changed
    path.write_text(json.dumps(values))
    assert read_calibration(run) == fitted


@pytest.mark.parametrize(
    "vectors",
    [b"abc", b"", np.full(4, np.nan, np.float32).tobytes()],
)
def test_a_damaged_vector_of_the_cache_is_a_sentence(vectors, tmp_path):
    cache = VectorCache(tmp_path / "vectors.sqlite")
    cache.write([b"a", b"b"], np.ones((2, 4), np.float32), [False, False])
    with cache._open() as connection:
        connection.execute("UPDATE vectors SET vector = ? WHERE key = ?", (vectors, b"b"))
    with pytest.raises(ModelError, match=r"The embedding cache .* cannot be used"):
        cache.read([b"a", b"b"])
    assert cache.read([b"a"])[b"a"][0].tolist() == [1.0] * 4


def test_an_encoder_of_another_width_is_a_sentence(articles, store, tiny_bert):
    tagger = trained("best-encoder", articles, tiny_bert, store).read_tagger()
    with pytest.raises(ModelError, match=r"vectors of 7 numbers, but arrays\.npz .* of 96"):
        tagger.scores_of(["x"], np.ones((1, 7), np.float32))


def test_parts_of_another_model_are_a_sentence(articles, store, tiny_bert):
    model = trained("best-hybrid", articles, tiny_bert, store).folder / "model"
    manifest = read_json(model / "manifest.json")
    for part, changed in (
        ("parts", {"words": ["sklearn", [1, 10**9]]}),
        ("parts", {"words": ["unknown", [1, 2]]}),
        ("parts", {}),
        ("parts", 7),
        ("second_stage", False),
        ("unconverged", "many"),
        ("encoder", {"max_tokens": -1}),
        ("hybrid", {**manifest["settings"]["hybrid"], "title_vector": 0.0}),
    ):
        settings = {**manifest["settings"], part: changed}
        write_json(model / "manifest.json", {**manifest, "settings": settings})
        if part == "second_stage":
            assert load_tagger(model).stage is None
            continue
        with pytest.raises(RunError, match="cannot be read"):
            load_tagger(model)


@pytest.mark.parametrize(
    "texts", [{"tags": "abc"}, {"tags": []}, {"tags": ["a", "a", "b", "c"]}, {"terms": [1, 2]}, []]
)
def test_texts_that_are_no_lists_of_names_are_a_sentence(texts, articles, store, tiny_bert):
    model = trained("best-tfidf", articles, tiny_bert, store).folder / "model"
    kept = read_json(model / "texts.json")
    write_json(model / "texts.json", {**kept, **texts} if texts else texts)
    manifest = read_json(model / "manifest.json")
    manifest["files"]["texts.json"] = file_sha256(model / "texts.json")
    write_json(model / "manifest.json", manifest)
    with pytest.raises(RunError, match=r"The model in .* cannot be read"):
        load_tagger(model)


def test_a_tokenizer_with_more_tokens_than_the_weights_is_a_sentence(tiny_bert, tmp_path):
    folder = shutil.copytree(tiny_bert, tmp_path / "encoder")
    tokenizer = read_json(folder / "tokenizer.json")
    tokenizer["model"]["vocab"]["surplus"] = 10**6
    write_json(folder / "tokenizer.json", tokenizer)
    settings = EncoderConfig(name=str(folder), device="cpu")
    with pytest.raises(ModelError, match=r"names token 1000000, but the model's weights know"):
        embed_texts(["surplus"], find_encoder(str(folder)), settings)


@pytest.mark.parametrize(
    ("indices", "ends", "sentence"),
    [
        ([0, 1, 3], [0, 1, 3], "a column outside 0 to 2"),
        ([0, 1, -1], [0, 1, 3], "a column outside 0 to 2"),
        ([0, 1, 2], [0, 2, 1], "does not rise from 0 to 3"),
        ([0, 1, 2], [0, 4, 3], "does not rise from 0 to 3"),
        ([0, 1, 2], [1, 2, 3], "does not rise from 0 to 3"),
        ([0, 1, 2], [0, 1, 2, 3], "has 4 numbers, not 3"),
        ([0, 1, 1], [0, 1, 3], "twice in one row"),
        ([0.0, 1.0, 2.0], [0, 1, 3], "not whole numbers"),
    ],
)
def test_sparse_parts_that_do_not_fit_are_refused(indices, ends, sentence):
    stored = StoredArrays({"indices": np.array(indices), "ends": np.array(ends)})
    with pytest.raises(ValueError, match=sentence):
        stored.sparse("indices", "ends", (2, 3))


def test_sparse_parts_out_of_order_are_put_in_order():
    stored = StoredArrays({"indices": np.array([2, 0, 1]), "ends": np.array([0, 2, 3])})
    matrix = stored.sparse("indices", "ends", (2, 3))
    assert matrix.indices.tolist() == [0, 2, 1]
    assert matrix.toarray().tolist() == [[True, False, True], [False, True, False]]


def test_an_array_whose_head_promises_more_than_the_file_has_takes_no_memory(tmp_path):
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        head, {"descr": "<f8", "fortran_order": False, "shape": (10**12,)}
    )
    path = tmp_path / "arrays.npz"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("weights.npy", head.getvalue() + b"\0" * 80)
    with pytest.raises(ValueError, match=r"weights\.npy is not whole"):
        read_arrays(path)
