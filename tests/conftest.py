"""Fixtures: a home of its own for every test, small made-up articles, and the shared real sets."""

import os
import random
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from core.articles.article import Article
from core.runs.store import RunStore
from core.settings.experiment import ExperimentConfig
from core.study.presets import configure, preset_named

# The same cases on every run and machine, however slow.
settings.register_profile("tagsmith", deadline=None, derandomize=True)
settings.load_profile("tagsmith")

# Tiny models gain nothing from threads, and lose much where other work has the cores.
os.environ["OMP_NUM_THREADS"] = "1"

PROJECT = Path(__file__).resolve().parents[1]
SHARED = PROJECT.parent / "shared" / "data"

_COMMON = ("the", "a", "we", "show", "how", "service", "system", "fast", "small", "new", "old")
_WORDS = {
    "golang": "goroutine channel pprof gopher interface",
    "python": "asyncio pandas decorator generator pip",
    "database": "index transaction query replica schema",
    "web": "browser css layout cookie request",
}


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """No test reads or writes the project's own data folder."""
    folder = tmp_path / "home"
    monkeypatch.setenv("TAGSMITH_HOME", str(folder))
    monkeypatch.setenv("TAGSMITH_FIRST_START", "off")
    return folder


@pytest.fixture(autouse=True)
def fresh_page_caches():
    """A page finds nothing that another test's page has loaded."""
    if "streamlit" in sys.modules:
        sys.modules["streamlit"].cache_resource.clear()


@pytest.fixture(autouse=True)
def own_main_module(monkeypatch):
    """Streamlit's AppTest leaves its script as __main__, which a spawned process would run."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


def make_article(number: int = 1, **fields) -> Article:
    """An article with the named fields set and the others filled in."""
    values = {
        "id": f"a{number}",
        "title": f"Title {number}",
        "description": f"Description {number}",
        "tags": ["golang"],
        "language": "en",
    }
    return Article.model_validate(values | fields)


@pytest.fixture(scope="session")
def articles() -> list[Article]:
    """120 articles of one or two of four tags, as many_articles makes them."""
    return many_articles(120)


def many_articles(count: int) -> list[Article]:
    """Articles of one or two of four tags, each with words of its tags among common ones
    and two of any tag, so that no model gets all of them right."""
    chance = random.Random(7)
    made = []
    for number in range(count):
        tags = chance.sample(sorted(_WORDS), k=chance.choice([1, 1, 2]))
        words = [word for tag in tags for word in chance.sample(_WORDS[tag].split(), 2)]
        words += chance.sample(" ".join(_WORDS.values()).split(), 2)
        common = chance.sample(_COMMON, 6)
        text = chance.sample(words + common, len(words) + len(common))
        made.append(
            make_article(number, title=" ".join(text[:4]), description=" ".join(text), tags=tags)
        )
    return made


@pytest.fixture
def tiny_config() -> ExperimentConfig:
    """Settings under which an experiment on `articles` takes a fraction of a second."""
    return configure(
        preset_named("best-tfidf").config(),
        assignments=["data.min_tag_count=5", "classifier.C=[0.1,1]", "features.max_df=1.0"],
    )


@pytest.fixture
def store(home) -> RunStore:
    return RunStore(home / "runs")


@pytest.fixture(scope="session")
def entech() -> Path:
    return shared_file("entech.jsonl.gz")


@pytest.fixture(scope="session")
def zhtech() -> Path:
    return shared_file("zhtech.jsonl.gz")


def shared_file(name: str) -> Path:
    path = SHARED / name
    if not path.is_file():
        pytest.skip(f"{name} lies beside the project in development only")
    return path


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory) -> Path:
    """A random BERT of two layers with a tokenizer that knows the words of `articles`."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizer

    folder = tmp_path_factory.mktemp("encoder") / "tiny-bert"
    folder.mkdir()
    words = [*_COMMON, *" ".join(_WORDS.values()).split(), *"abcdefghijklmnopqrstuvwxyz"]
    pieces = [f"##{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *dict.fromkeys(words), *pieces]
    (folder / "vocab.txt").write_text("\n".join(vocabulary))
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    with torch.random.fork_rng():
        torch.manual_seed(3)
        model = BertModel(
            BertConfig(
                vocab_size=len(vocabulary),
                hidden_size=32,
                num_hidden_layers=2,
                num_attention_heads=2,
                intermediate_size=64,
                max_position_embeddings=64,
                initializer_range=0.3,
            )
        )
    model.save_pretrained(folder)
    return folder
