"""The language of a text: short titles, other scripts, sentences, and what a model warns of."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.articles.importing import import_source
from core.articles.languages.language import detect_language
from core.articles.languages.scripts import LATIN, SCRIPTS
from core.articles.store.sets import read_sources
from core.runs.experiment import run_experiment
from core.suggest.suggester import Suggester, likely_languages

SENTENCES = json.loads((Path(__file__).parent / "sentences.json").read_text("utf-8"))
TITLES = (
    *("Kubernetes in production", "Docker networking", "Vue vs React", "Redis persistence modes"),
    *("Terraform modules", "Python decorators", "Java generics", "GraphQL API design", "CSS grid"),
    *("Nginx reverse proxy", "Kafka Streams", "Rust lifetimes", "Android Jetpack", "Vim macros"),
    *("Deno 2.0", "RxJava operators", "Emoji support", "Ajax validation pattern", "Ansible vault"),
    *("java sparse matrix problem", "Angular-ui calendar error", "Avocado sales", "Sudoku solver"),
    *("CodeIgniter", "iptables", "NumPy", "Milvus", "C++ OOP quiz", "HTTP/2", "SQL", "Go at OSCON"),
)


@pytest.mark.parametrize("among", [(), ("en",), ("en", "zh"), ("en", "de", "fr"), ("de",)])
def test_short_english_titles_are_english(among):
    found = {title: detect_language(title, among) for title in TITLES}
    expected = {"en", ""} if among != ("de",) else {"en", "", "de"}
    assert not {title: code for title, code in found.items() if code not in expected}
    assert list(found.values()).count("") <= 2


@pytest.mark.parametrize("language", SENTENCES)
@pytest.mark.parametrize("among", [(), ("en",), ("zh",)])
def test_a_sentence_of_another_language_is_recognised(language, among):
    wrong = {
        sentence: code
        for sentence in SENTENCES[language]
        if (code := detect_language(sentence, among)) != language
    }
    assert not wrong


@pytest.mark.parametrize("language", SENTENCES)
def test_a_few_words_are_in_the_expected_language(language):
    starts = [" ".join(sentence.split()[:3]) for sentence in SENTENCES[language]]
    assert {detect_language(start, ["zh", language]) for start in starts} <= {language}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Goroutines leak when nobody reads the channel", "en"),
        ("Kubernetes 网络插件", "zh"),
        ("Spring Cloud Gateway 入门", "zh"),
        ("docker compose 部署 nginx", "zh"),
        ("AI Agent 专题：Agent Loop、Memory、Prompt、Context、MCP 与 Skills", "zh"),
        ("C++的模板", "zh"),
        ("這篇文章介紹資料庫的索引", "zh"),
        ("How to read 中文 in Python", "en"),
        ("Reactの使い方", "ja"),
        ("ﾃﾞｰﾀﾍﾞｰｽ", "ja"),
        ("Kubernetes 클러스터", "ko"),
        ("Kubernetes и Docker", "ru"),
        ("Εισαγωγή στην Python", "el"),
        ("O(α) and β-pruning of the tree", "en"),
        ("مقدمة في بايثون", "ar"),
        ("آموزش پایتون برای مبتدیان", "fa"),
        ("הקדמה לפייתון", "he"),
        ("पायथन प्रोग्रामिंग भाषा का एक सरल परिचय", "hi"),
        ("เริ่มต้นกับ Python", "th"),
        ("Conas do chéad ríomhchlár a scríobh i bPython", "ga"),
        ("KUBERNETES IN PRODUCTION", "en"),
        ("Ｋｕｂｅｒｎｅｔｅｓ ｉｎ ｐｒｏｄｕｃｔｉｏｎ", "en"),
        ("123 !", ""),
        ("🦫🦫 → ✓", ""),
        ("C", ""),
        ("Spektral", ""),
        ("", ""),
        ("\ud800 \udfff", ""),
    ],
)
def test_language_is_detected(text, code):
    assert detect_language(text) == code


def test_expected_languages_decide_between_those_that_look_alike():
    assert detect_language("机器学习入门") == "zh"
    assert detect_language("機械学習入門", ["ja"]) == "ja"
    assert detect_language("機械学習入門", ["zh", "ja"]) == "zh"
    assert detect_language("En enkel introduksjon til databaser", ["nb"]) == "nb"
    assert detect_language("Java NIO", ["zh"]) == ""  # Chinese articles have such titles, too
    assert detect_language("Java NIO", ["xx", ""]) == ""
    assert detect_language("Java NIO", [""]) == "en"


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60), st.lists(st.sampled_from(["", "en", "zh", "ja", "nb", "xx", "ru"])))
def test_any_text_has_one_known_code_or_none(text, among):
    code = detect_language(text, among)
    assert code == detect_language(text, [*among])
    assert code == "" or (2 <= len(code) <= 3 and code.isalpha())


def test_no_language_is_in_two_scripts_but_japanese():
    codes = [code for script in (*SCRIPTS, LATIN) for code in script.languages]
    assert sorted({code for code in codes if codes.count(code) > 1}) == ["ja"]


@pytest.fixture
def suggester(tiny_config, articles, store):
    return Suggester.load(run_experiment(tiny_config, store, articles=articles).run)


def test_a_model_warns_of_a_really_foreign_text_and_of_no_english_title(suggester):
    assert likely_languages(suggester.run) == ("en",)
    known = "goroutine channel"  # words of the training articles
    for title in TITLES:
        assert "language" not in suggester.suggest(known, title=title).note
    for language, sentences in SENTENCES.items():
        note = suggester.suggest("\n".join([*sentences[:3], "goroutine"])).note
        assert f"({language})" in note and "do not rely on the tags" in note


def test_a_row_without_a_language_is_judged_among_those_of_its_file(tmp_path):
    """English names alone tell no language in a Chinese file, and are English in an English one."""
    chinese = [{"title": f"深入理解并发编程与内存模型 {n}", "tags": ["go"]} for n in range(30)]
    english = [{"title": f"Goroutines that wait for nobody {n}", "tags": ["go"]} for n in range(30)]
    names = {"title": "Flink Table API", "tags": ["flink"]}
    for name, rows, code in (("zh", chinese, ""), ("en", english, "en")):
        path = tmp_path / f"{name}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in [*rows, names]))
        import_source(str(path), name)
        for source in (name, str(path)):
            assert [a.language for a in read_sources([source])] == [name] * 30 + [code]
