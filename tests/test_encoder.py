"""Encoders: where they come from, what they make of a text, and the cache of their vectors."""

import multiprocessing
import os
import signal
from itertools import product

import numpy as np
import pytest
import torch

from core.base.errors import ModelError
from core.features.config import EncoderConfig
from core.features.encoder import choose_device, load_encoder, mean_by_text, pool
from core.features.encoder_files import find_encoder
from core.features.encoder_tokens import BATCH_START, Window, title_ends, token_batches
from core.features.vector_cache import VectorCache
from core.features.vectors import embed_texts, vector_key

TEXTS = [
    "goroutine channel pprof",
    "the browser shows a layout",
    "query",
    "an index and a replica of the schema, and pandas in python on top of it",
]


@pytest.fixture
def files(tiny_bert):
    return find_encoder(str(tiny_bert))


@pytest.fixture
def cache(home):
    return VectorCache()


def by_hand(folder, text, pooling):
    """transformers' own way: one text, no batch."""
    from transformers import AutoModel, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder)
    with torch.no_grad():
        hidden = model.eval()(**tokenizer(text, return_tensors="pt")).last_hidden_state[0]
    return (hidden[0] if pooling == "cls" else hidden.mean(0)).numpy()


@pytest.mark.parametrize("pooling", ["cls", "mean"])
def test_vectors_are_those_of_transformers_whatever_the_batch(files, tiny_bert, pooling):
    for batch_tokens in (8, 1024):
        config = EncoderConfig(pooling=pooling, batch_tokens=batch_tokens)
        vectors = embed_texts(TEXTS, files, config).vectors
        assert vectors.dtype == np.float32
        for text, vector in zip(TEXTS, vectors, strict=True):
            np.testing.assert_allclose(vector, by_hand(tiny_bert, text, pooling), atol=1e-5)


@pytest.mark.parametrize("end", ["\nthe schema and a replica", ""])
def test_layers_are_those_of_transformers_beside_one_another(files, tiny_bert, end):
    from transformers import AutoModel, AutoTokenizer

    text = f"goroutine channel pprof{end}"
    tokenizer, model = (
        AutoTokenizer.from_pretrained(tiny_bert),
        AutoModel.from_pretrained(tiny_bert),
    )
    with torch.no_grad():
        inputs = tokenizer(text, return_tensors="pt")
        _, middle, last = model.eval()(**inputs, output_hidden_states=True).hidden_states
    title = len(tokenizer("goroutine channel pprof", add_special_tokens=False)["input_ids"])
    means = last[0].mean(0), middle[0].mean(0), middle[0, 1 : 1 + title].mean(0)
    expected = np.concatenate(
        [
            mean.numpy() / np.linalg.norm(mean.numpy()) * weight
            for mean, weight in zip(means, (0.5**0.5, 0.5, 0.5), strict=True)
        ]
    )
    for batch_tokens in (8, 1024):
        config = EncoderConfig(pooling="layers", batch_tokens=batch_tokens)
        vectors = embed_texts([*TEXTS, text], files, config).vectors
        np.testing.assert_allclose(vectors[-1], expected, atol=1e-5)
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_vectors_of_layers_leave_plain_means_in_the_cache(files, cache, monkeypatch):
    plain = EncoderConfig(max_tokens=8)
    expected = embed_texts(TEXTS, files, plain)
    embed_texts(TEXTS, files, EncoderConfig(max_tokens=8, pooling="layers"), cache=cache)
    monkeypatch.setattr("core.features.vectors.load", None)
    found = embed_texts(TEXTS, files, plain, cache=cache)
    assert np.array_equal(found.vectors, expected.vectors)
    assert (found.reused, found.truncated) == (len(TEXTS), expected.truncated)


def test_a_title_ends_in_the_first_window_or_counts_whole():
    windows = [
        Window(0, [2, 7, 8, 9, 3]),
        Window(0, [2, 7, 3]),
        Window(1, [2, 7, 3]),
        Window(2, [2, 3]),
    ]
    assert title_ends(windows, [[7, 8], [7, 8, 9], []]) == [3, 2, 2, 2]
    assert title_ends(windows[2:3], [[], []]) == [2]


def test_minilm_is_embedded_and_knows_what_is_alike():
    files = find_encoder("minilm")
    a, b, c = embed_texts(
        ["Garbage collection in Go", "How the Go runtime frees memory", "Centering a div in CSS"],
        files,
        EncoderConfig(),
    ).vectors
    assert a.shape == (384,)

    def cosine(x, y):
        return float(x @ y / np.linalg.norm(x) / np.linalg.norm(y))

    assert cosine(a, b) > cosine(a, c) + 0.2


def bf16_vectors(files, monkeypatch, *, in_hardware):
    capabilities = {"avx512_bf16": in_hardware}
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    return embed_texts(TEXTS, files, EncoderConfig(precision="bf16", device="cpu")).vectors


def test_bf16_vectors_point_the_same_way(files, monkeypatch):
    exact = embed_texts(TEXTS, files, EncoderConfig()).vectors
    rough = bf16_vectors(files, monkeypatch, in_hardware=True)
    assert (exact != rough).any()
    cosine = (exact * rough).sum(1) / np.linalg.norm(exact, axis=1) / np.linalg.norm(rough, axis=1)
    assert cosine.min() > 0.999


def test_a_processor_that_lacks_bf16_encodes_in_fp32(files, monkeypatch):
    exact = embed_texts(TEXTS, files, EncoderConfig()).vectors
    assert np.array_equal(bf16_vectors(files, monkeypatch, in_hardware=False), exact)


def test_long_texts_are_cut_and_counted(files, tiny_bert):
    config = EncoderConfig(max_tokens=8)
    embedded = embed_texts(TEXTS, files, config)
    assert embedded.truncated == 1
    # Six words and the two special tokens are what is read.
    assert np.array_equal(
        embedded.vectors[3],
        embed_texts(["an index and a replica of"], files, EncoderConfig()).vectors[0],
    ) or np.allclose(embedded.vectors[3], by_hand(tiny_bert, _first_pieces(files, 3, 6), "mean"))


def _first_pieces(files, row, count):
    encoder = load_encoder(files.folder, files.checksum, "cpu")
    ids = encoder.tokenizer(TEXTS[row], add_special_tokens=False)["input_ids"][:count]
    return encoder.tokenizer.decode(ids)


def test_chunks_average_all_windows_of_a_long_text(files):
    words = TEXTS[0].split() * 4
    config = EncoderConfig(max_tokens=8, long_texts="chunks", pooling="cls")
    embedded = embed_texts([" ".join(words)], files, config)
    assert embedded.truncated == 0
    halves = embed_texts([" ".join(words[:6]), " ".join(words[6:])], files, config).vectors
    np.testing.assert_allclose(embedded.vectors[0], halves.mean(0), atol=1e-5)


def test_windows_count_by_their_length():
    windows = [Window(0, [1] * 3), Window(1, [1] * 6), Window(1, [1] * 2)]
    vectors = np.array([[1.0], [4.0], [8.0]], np.float32)
    assert mean_by_text(vectors, windows).tolist() == [[1.0], [(6 * 4 + 2 * 8) / 8]]


def test_mean_pooling_leaves_padding_out():
    hidden = torch.tensor([[[1.0], [3.0], [100.0]]])
    assert pool(hidden, torch.tensor([[1, 1, 0]]), "mean").tolist() == [[2.0]]
    assert pool(hidden, torch.tensor([[1, 1, 0]]), "cls").tolist() == [[1.0]]


def test_batches_hold_every_row_once_within_the_budget():
    lengths = [5, 30, 7, 7, 2, 12, 1]
    batches = token_batches(lengths, 24)
    assert sorted(row for batch in batches for row in batch) == list(range(7))
    assert [len(b) * max(lengths[r] for r in b) for b in batches] == [30, 12, 21, 4]


def test_batches_are_the_cheapest_of_all_ways_to_cut_the_sorted_rows():
    def cost(batches):
        return sum(BATCH_START + len(batch) * batch[0] for batch in batches)

    rng = np.random.default_rng(1)
    for _ in range(30):
        lengths = rng.integers(1, 200, 9).tolist()
        falling = sorted(lengths, reverse=True)
        ways = [np.split(falling, np.flatnonzero(cuts) + 1) for cuts in product((0, 1), repeat=8)]
        allowed = [w for w in ways if all(len(b) == 1 or len(b) * b[0] <= 400 for b in w)]
        found = [[lengths[row] for row in batch] for batch in token_batches(lengths, 400)]
        assert cost(found) == min(map(cost, allowed))


def test_an_empty_text_has_a_vector_too(files):
    for pooling in ("mean", "layers"):
        assert np.isfinite(embed_texts([""], files, EncoderConfig(pooling=pooling)).vectors).all()


def test_vectors_come_from_the_cache_bit_for_bit(files, cache, monkeypatch):
    config = EncoderConfig(max_tokens=8)
    first = embed_texts([*TEXTS, TEXTS[0]], files, config, cache=cache)
    assert (first.reused, first.device) == (1, "cpu")
    monkeypatch.setattr("core.features.vectors.load", None)
    again = embed_texts([*TEXTS, TEXTS[0]], files, config, cache=cache)
    assert np.array_equal(first.vectors, again.vectors)
    assert (again.reused, again.truncated, again.device) == (5, 1, "none")


def test_a_vectors_key_is_all_that_decides_it(files, tiny_bert):
    from dataclasses import replace

    base = EncoderConfig()
    keys = {vector_key("a", files, base), vector_key("b", files, base)}
    for change in (
        {"pooling": "cls"},
        {"max_tokens": 9},
        {"precision": "bf16"},
        {"long_texts": "chunks"},
    ):
        keys.add(vector_key("a", files, base.model_copy(update=change)))
    keys.add(vector_key("a", replace(files, checksum="other"), base))
    assert len(keys) == 7
    for harmless in ({"device": "cpu"}, {"batch_tokens": 9}, {"name": "other"}):
        assert vector_key("a", files, base.model_copy(update=harmless)) in keys


def _write_many(path, first, signal_when_ready):
    cache = VectorCache(path)
    for start in range(first, first + 2000, 100):
        keys = [str(number).encode() for number in range(start, start + 100)]
        cache.write(keys, np.full((100, 4), start, np.float32), [False] * 100)
        signal_when_ready.set()


def test_two_writers_share_the_cache(cache):
    context = multiprocessing.get_context("spawn")
    started = context.Event()
    writers = [
        context.Process(target=_write_many, args=(cache.path, first, started))
        for first in (0, 2000)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert cache.size()[0] == 4000


def test_a_killed_writer_leaves_whole_vectors(cache):
    context = multiprocessing.get_context("spawn")
    started = context.Event()
    writer = context.Process(target=_write_many, args=(cache.path, 0, started))
    writer.start()
    assert started.wait(60)
    os.kill(writer.pid, signal.SIGKILL)
    writer.join()
    found = cache.read([str(number).encode() for number in range(2000)])
    assert len(found) >= 100 and len(found) % 100 == 0
    assert all(vector.shape == (4,) for vector, _ in found.values())
    cache.write([b"next"], np.ones((1, 4), np.float32), [True])
    assert cache.read([b"next"])[b"next"][1] is True


def test_the_cache_tells_its_size_and_can_be_cleared(cache):
    assert cache.size() == (0, 0)
    cache.write([b"a", b"b"], np.ones((2, 4), np.float32), [False, False])
    rows, size = cache.size()
    assert rows == 2 and size > 0
    cache.clear()
    assert cache.size() == (0, 0) and cache.read([b"a"]) == {}


def test_a_damaged_cache_is_named_and_can_be_cleared(cache):
    cache.path.parent.mkdir(parents=True)
    cache.path.write_bytes(b"this is no database, and longer than a header of one" * 100)
    with pytest.raises(ModelError, match=r"embedding cache .* cannot be used .* cache --clear"):
        cache.read([b"a"])
    cache.clear()
    cache.write([b"a"], np.ones((1, 4), np.float32), [False])
    assert cache.size()[0] == 1


def test_a_folder_without_safetensors_is_refused(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(ModelError, match="no pickled weights are read"):
        find_encoder(str(tmp_path))


def test_minilm_with_other_weights_is_refused(monkeypatch):
    monkeypatch.setattr("core.features.encoder_files.MINILM_SHA256", "0" * 64)
    with pytest.raises(ModelError, match="not the official ones"):
        find_encoder("minilm")


@pytest.mark.parametrize("name", ["bert-mini", "someone/some-model"])
def test_without_a_hub_one_sentence_says_what_works(name, monkeypatch, tmp_path):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ModelError, match=r"cannot be fetched .* minilm works offline; or put"):
        find_encoder(name)


def test_a_name_that_is_none_is_refused():
    with pytest.raises(ModelError, match="There is no encoder"):
        find_encoder("no such/name/at all")


def test_a_damaged_model_file_is_refused_in_a_sentence(tiny_bert, tmp_path):
    import shutil

    folder = tmp_path / "damaged"
    shutil.copytree(tiny_bert, folder)
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    files = find_encoder(str(folder))
    with pytest.raises(ModelError, match=r"The model in .* cannot be read"):
        embed_texts(["a"], files, EncoderConfig())


def test_the_checksum_covers_weights_tokenizer_and_config(tiny_bert, tmp_path):
    import shutil

    seen = {find_encoder(str(tiny_bert)).checksum}
    for number, name in enumerate(["model.safetensors", "tokenizer.json", "config.json"]):
        folder = tmp_path / str(number)
        shutil.copytree(tiny_bert, folder)
        seen |= {find_encoder(str(folder)).checksum}
        with (folder / name).open("ab") as file:
            file.write(b" ")
        seen |= {find_encoder(str(folder)).checksum}
    assert len(seen) == 4


def test_a_device_that_is_not_there_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert choose_device("auto").type == "cpu"
    with pytest.raises(ModelError, match="has no cuda device"):
        choose_device("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert choose_device("auto").type == "cuda"
    assert choose_device("cpu").type == "cpu"


def test_progress_ends_where_the_work_ends(files, monkeypatch):
    monkeypatch.setattr("core.features.vectors.TEXTS_AT_ONCE", 2)
    calls = []
    embed_texts(TEXTS, files, EncoderConfig(), progress=lambda *call: calls.append(call))
    total = sum(map(len, TEXTS))
    assert [call[1] for call in calls] == [len("query") + len(TEXTS[0]), total]
    assert {(call[0], *call[2:]) for call in calls} == {("encode", total, "characters")}
