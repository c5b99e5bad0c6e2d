"""Keywords by frequency and rarity, other names of tags as whole words, and the language."""

import math
import time
from types import SimpleNamespace

import numpy as np
import pytest

from core.articles.aliases import AMBIGUOUS, SAME_THING, SPOKEN_OF
from core.runs.experiment import run_experiment
from core.suggest.keywords import (
    AliasMatch,
    Keyword,
    Rarity,
    describe_text,
    find_keywords,
    match_aliases,
)

RARITY = Rarity(("channel", "goroutine", "system"), np.array([3.0, 4.0, 1.5]), 5.0)


def found(text, tags):
    return [(match.found, match.tag) for match in match_aliases(text, tags)]


def test_weight_is_frequency_times_rarity():
    keywords = find_keywords("goroutine and channel; channel or system", rarity=RARITY)
    assert keywords == [
        Keyword("channel", (1 + math.log(2)) * 3, 2),
        Keyword("goroutine", 4.0, 1),
        Keyword("system", 1.5, 1),
    ]


def test_words_of_the_title_count_double():
    keywords = find_keywords("goroutine", title="System", rarity=RARITY)
    assert keywords == [Keyword("goroutine", 4.0, 1), Keyword("system", 3.0, 1)]


def test_a_word_that_no_article_has_must_come_twice():
    once = find_keywords("zzyzx goroutine", rarity=RARITY)
    assert [keyword.term for keyword in once] == ["goroutine"]
    twice = find_keywords("zzyzx goroutine and zzyzx", rarity=RARITY)
    assert twice[0] == Keyword("zzyzx", (1 + math.log(2)) * 5, 2)


def test_a_phrase_takes_the_place_of_words_that_come_only_in_it():
    keywords = find_keywords(
        "a race detector finds it; the race detector is a detector", rarity=Rarity()
    )
    terms = [keyword.term for keyword in keywords]
    assert "race detector" in terms and "detector" in terms and "race" not in terms


def test_common_words_numbers_and_letters_are_no_keywords():
    assert find_keywords("the of and 2024 x 这个 可以 我们") == []
    assert [k.term for k in find_keywords("C++ beats C# in 2024")] == ["beats", "c#", "c++"]


def test_keywords_of_chinese_text_are_words():
    terms = [k.term for k in find_keywords("数据库的索引。数据库使用索引，索引很快。")]
    assert terms[:2] == ["索引", "数据库"]


def test_the_limit_keeps_the_best():
    assert find_keywords("channel goroutine system", rarity=RARITY, limit=1) == [
        Keyword("goroutine", 4.0, 1)
    ]


@pytest.mark.parametrize("text", ["", "...", "\0\u200b\u202e", "🦫🦫"])
def test_a_text_without_words_has_none(text):
    assert find_keywords(text) == []
    assert match_aliases(text, ["kubernetes"]) == []


def test_another_name_of_a_tag_is_found_as_a_whole_word():
    tags = ("golang", "javascript", "kubernetes", "machine-learning", "node.js")
    assert found("Deploy NodeJS on K8s with js", tags) == [
        ("js", "javascript"),
        ("k8s", "kubernetes"),
        ("nodejs", "node.js"),
    ]
    assert found("jsx, k8sish and mlops", tags) == []
    assert found("machine learning on kubernetes", tags) == []


def test_the_data_decide_which_name_is_the_tag():
    assert found("machine learning with golang", ("ml", "go")) == [
        ("machine-learning", "ml"),
        ("golang", "go"),
    ]
    assert found("Golang", ("golang",)) == []
    assert found("用机器学习", ("Machine Learning",)) == [("机器学习", "Machine Learning")]


def test_a_name_that_is_a_common_word_is_not_searched_for():
    assert found("go to the rest of the node", ("golang", "restful", "node.js")) == []


def test_the_list_of_names_is_lower_case_and_names_nothing_twice():
    names = [name for group in SAME_THING for name in group]
    spoken = [name for group in SPOKEN_OF for name in group[1:]]
    names += spoken
    assert len(names) == len(set(names))
    assert all(name == name.lower().strip() for name in names)
    assert set(names) >= AMBIGUOUS


def test_a_taggers_own_articles_say_what_is_rare(tiny_config, articles, store):
    tagger = run_experiment(tiny_config, store, articles=articles).run.read_tagger()
    rarity = Rarity.of(tagger)
    assert rarity("goroutine") == tagger.features.idf[tagger.features.terms.index("goroutine")]
    assert rarity("the") < rarity("goroutine") < rarity("zzyzx") == rarity.highest
    facts = describe_text("the goroutine and the system, in Go", tagger=tagger, title="Golang")
    assert facts.language == "en"
    assert facts.aliases == []
    assert facts.keywords[0].term == "golang"


def test_a_tagger_without_words_leaves_every_word_as_rare():
    rarity = Rarity.of(SimpleNamespace(words=None))
    assert rarity("a") == rarity("zzyzx") == 1.0


def test_a_long_text_takes_no_time():
    text = " ".join(f"word{n % 5000} channel" for n in range(20_000))
    start = time.process_time()
    assert len(find_keywords(text, rarity=RARITY)) == 10
    assert match_aliases(text + " k8s", ["kubernetes"]) == [AliasMatch("k8s", "kubernetes")]
    assert time.process_time() - start < 3
