"""New tags by name: what counts as named, what as near, and that a guess is never a suggestion."""

import json

import numpy as np
import pytest

from core.articles.store.sets import keep_articles
from core.base.errors import DataError
from core.commands.main import main
from core.features.encoder_files import find_encoder
from core.runs.experiment import run_experiment
from core.study.presets import configure
from core.suggest.guesses import (
    guess_tags,
    judge,
    names_in,
    new_tags,
    read_names,
    spoken_names,
)
from tests.app_testing import press
from tests.test_api import client_of
from tests.test_suggest_page import group, open_suggest, tags_shown

TEXT = (
    "The page decodes video in the browser: C++ compiled to wasm runs beside the JavaScript, and "
    "metrics, traces and logs of every node show where the service spends its time."
)


def mean_vectors(texts):
    """MiniLM as its authors describe it: the mean over the tokens, scaled to length 1."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    folder = find_encoder("minilm").folder
    tokenizer, model = (kind.from_pretrained(folder) for kind in (AutoTokenizer, AutoModel))
    rows = []
    for text in texts:
        with torch.inference_mode():
            hidden = model(**tokenizer(text, return_tensors="pt")).last_hidden_state[0]
        rows.append(torch.nn.functional.normalize(hidden.mean(0), dim=0).numpy())
    return np.stack(rows)


def test_likeness_is_the_cosine_of_the_text_and_the_nearest_of_the_tags_names():
    text, *names = mean_vectors([TEXT, "webassembly", "wasm", "observability", "gardening"])
    cosines = [float(name @ text) for name in names]
    found = {
        guess.tag: guess
        for guess in guess_tags(TEXT, ["Observability", "WebAssembly", "gardening"])
    }
    assert found["WebAssembly"].likeness == pytest.approx(max(cosines[:2]), abs=1e-5)
    assert found["Observability"].likeness == pytest.approx(cosines[2], abs=1e-5)
    assert found["gardening"].likeness == pytest.approx(cosines[3], abs=1e-5)


def test_a_name_in_the_text_is_a_guess_and_another_subject_is_none():
    guesses = guess_tags(TEXT, ["gardening", "webassembly"])
    assert [(g.tag, g.found, g.guessed) for g in guesses] == [
        ("webassembly", "wasm", True),
        ("gardening", "", False),
    ]


@pytest.mark.parametrize(
    ("likeness", "found", "guessed"),
    [
        (0.25, "wasm", True),
        (0.249, "wasm", False),
        (0.4, "", True),
        (0.399, "", False),
        (-0.1, "", False),
    ],
)
def test_a_tag_that_is_named_need_be_less_alike(likeness, found, guessed):
    assert judge("webassembly", likeness, found).guessed is guessed


def test_names_are_found_as_whole_words_with_their_aliases():
    tags = ["java", "javascript", "c", "C++", "webassembly", "log", "machine learning"]
    assert names_in(TEXT, list(map(spoken_names, tags))) == [
        "",
        "javascript",
        "",
        "c++",
        "wasm",
        "",
        "",
    ]
    assert names_in("机器学习入门", [spoken_names("machine learning")]) == ["机器 学习"]


def test_tags_that_the_model_knows_under_any_name_are_left_to_it():
    known = ["kubernetes", "machine-learning", "c"]
    assert new_tags(["k8s", " ml ", "Machine Learning", "C++", "rust ", "rust"], known) == [
        "C++",
        "rust",
    ]
    assert guess_tags(TEXT, ["k8s"], known=known) == []


def test_names_in_a_line_are_cut_at_commas():
    assert read_names(" web  assembly,observability,, 机器学习，rust、rust ") == [
        "web assembly",
        "observability",
        "机器学习",
        "rust",
    ]
    assert read_names(" , ") == []


@pytest.mark.parametrize(
    ("tags", "sentence"),
    [
        ([f"t{n}" for n in range(21)], "These are 21 tags to look for. Name 20 at most"),
        (["ok", "!!"], "'!!' cannot be looked for"),
        (["x" * 101], "of 100 characters at most"),
    ],
)
def test_names_that_cannot_be_looked_for_get_a_sentence(tags, sentence):
    with pytest.raises(DataError, match=sentence):
        guess_tags(TEXT, tags)


@pytest.fixture
def run(tiny_config, articles, store):
    keep_articles("small", articles)
    return run_experiment(configure(tiny_config, sources=["small"]), store).run


def test_the_api_and_the_command_line_guess_alike_and_suggest_as_before(run, store, capsys):
    client, names = client_of(store), ["webassembly", "gardening", "golang"]
    message = {"title": "Video", "description": TEXT}
    without = client.post("/predictions/tags", json=message).json()
    asked = client.post("/predictions/tags", json=message, params={"guess": names}).json()
    assert without["guesses"] == []
    assert asked | {"guesses": []} == without
    assert [guess["tag"] for guess in asked["guesses"]] == ["webassembly", "gardening"]
    assert not {guess["tag"] for guess in asked["guesses"]} & {tag["tag"] for tag in asked["tags"]}
    line = ["suggest", "--title", "Video", "--text", TEXT, "--guess", ", ".join(names)]
    assert main([*line, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == asked
    assert main(line) == 0
    printed = capsys.readouterr().out.partition("Guesses from the name alone\n")[2].splitlines()
    assert [row.split()[:2] for row in printed[1:]] == [
        ["webassembly", "guess"],
        ["gardening", f"{asked['guesses'][1]['likeness']:.3f}"],
    ]


def test_the_page_keeps_guesses_apart_and_takes_one_when_it_is_pressed(run):
    app = open_suggest(TEXT, also="webassembly, gardening, golang")
    before = tags_shown(app)
    assert "webassembly" not in before
    guesses = group(app, "Guesses, from the name alone")
    assert guesses.value == []
    assert len(guesses.options) == 1 and "“wasm” in the text, alike" in guesses.options[0]
    captions = [caption.value for caption in app.caption]
    assert "No sign of gardening." in captions
    assert "Learnt already, so see the suggestions: golang." in captions
    guesses.set_value(["webassembly"]).run()
    assert tags_shown(app) == [*before, "webassembly"]
    press(app, "Undo")
    assert tags_shown(app) == before
