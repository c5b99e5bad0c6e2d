"""Model folders from strangers: whatever they hold, nothing of it is executed."""

import json
import os
import pickle
import shutil

import numpy as np
import pytest

from core.base.errors import CoreError, ModelError, RunError
from core.base.files import file_sha256, read_json, write_json
from core.features.config import EncoderConfig
from core.features.encoder_files import find_encoder
from core.features.vectors import embed_texts
from core.runs.experiment import run_experiment

CODE = "import pathlib\npathlib.Path({mark!r}).touch()\n"


class Trap:
    """Touches a file when it is unpickled."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return os.system, (f"touch {self.mark}",)


@pytest.fixture
def mark(tmp_path):
    """Exists once something of the stranger's was executed."""
    return tmp_path / "executed"


@pytest.fixture
def folder(tiny_bert, tmp_path):
    return shutil.copytree(tiny_bert, tmp_path / "stranger")


def encode(folder):
    settings = EncoderConfig(name=str(folder), device="cpu", max_tokens=32)
    return embed_texts(["goroutine channel pprof"], find_encoder(str(folder)), settings)


def test_the_trap_of_these_tests_works(mark):
    pickle.loads(pickle.dumps(Trap(mark)))
    assert mark.exists()


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "model.pkl", "model.joblib"])
def test_pickled_weights_alone_are_refused(folder, mark, name):
    (folder / "model.safetensors").unlink()
    (folder / name).write_bytes(pickle.dumps(Trap(mark)))
    with pytest.raises(ModelError, match="no pickled weights are read"):
        encode(folder)
    assert not mark.exists()


def test_pickles_beside_good_weights_are_not_opened(folder, mark):
    for name in ("pytorch_model.bin", "training_args.bin", "optimizer.pt", "model.pkl"):
        (folder / name).write_bytes(pickle.dumps(Trap(mark)))
    assert encode(folder).vectors.shape == (1, 32)
    assert not mark.exists()


def test_weights_that_are_a_pickle_under_a_good_name_are_refused(folder, mark):
    (folder / "model.safetensors").write_bytes(pickle.dumps(Trap(mark)))
    with pytest.raises(CoreError):
        encode(folder)
    assert not mark.exists()


@pytest.mark.parametrize("file", ["config.json", "tokenizer_config.json"])
def test_code_that_a_settings_file_names_is_not_run(folder, mark, file):
    (folder / "evil.py").write_text(
        CODE.format(mark=str(mark)) + "class Evil:\n    from_pretrained = Evil = None\n"
    )
    settings = read_json(folder / file)
    names = ("AutoConfig", "AutoModel", "AutoTokenizer")
    settings["auto_map"] = dict.fromkeys(names, "evil.Evil") | {
        "AutoTokenizer": ["evil.Evil", "evil.Evil"]
    }
    settings["trust_remote_code"] = True
    (folder / file).write_text(json.dumps(settings))
    try:
        encode(folder)
    except CoreError as error:
        assert str(error)
    assert not mark.exists()


@pytest.mark.parametrize("kind", ["evil-kind", "../../evil", None, 3])
def test_a_model_of_no_known_architecture_is_a_sentence(folder, kind):
    settings = read_json(folder / "config.json")
    write_json(folder / "config.json", settings | {"model_type": kind, "architectures": [kind]})
    with pytest.raises(CoreError):
        encode(folder)


def test_a_run_folder_with_pickled_arrays_is_refused(tiny_config, articles, store, mark):
    model = run_experiment(tiny_config, store, articles=articles).run.folder / "model"
    trap = np.array([Trap(mark)], dtype=object)
    np.savez(model / "arrays.npz", **{"weights": trap, "thresholds": trap})
    manifest = read_json(model / "manifest.json")
    manifest["files"]["arrays.npz"] = file_sha256(model / "arrays.npz")  # a stranger can count too
    write_json(model / "manifest.json", manifest)
    (run,) = store.finished()
    with pytest.raises(RunError, match="cannot be read"):
        run.read_tagger()
    scores = run.folder / "scores.npz"
    np.savez(scores, test_scores=trap)
    status = read_json(run.folder / "status.json")
    write_json(run.folder / "status.json", status | {"files": {"scores.npz": file_sha256(scores)}})
    with pytest.raises(RunError, match="cannot be read"):
        store.load(run.id).read_part("test")
    assert not mark.exists()


@pytest.mark.parametrize("name", ["../outside.txt", "/etc/hostname"])
def test_a_manifest_names_no_file_outside_its_folder(tiny_config, articles, store, tmp_path, name):
    model = run_experiment(tiny_config, store, articles=articles).run.folder / "model"
    outside = model / name
    if not outside.exists():
        outside.write_text("x")
    manifest = read_json(model / "manifest.json")
    manifest["files"][name] = file_sha256(outside)
    write_json(model / "manifest.json", manifest)
    (run,) = store.finished()
    with pytest.raises(RunError, match="names a file outside"):
        run.read_tagger()
