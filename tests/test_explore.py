"""What Explore counts and finds, against values by hand and against brute force."""

import itertools
import random
import subprocess
import sys
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.base.errors import DataError
from core.commands.main import main
from core.dataset.lengths import PARTS, build_lengths, count_words, texts_of
from core.dataset.near_duplicates import find_near_duplicates, near_duplicate_table
from core.dataset.origins import ALL, build_origins, host_of, time_line
from core.dataset.pairs import pair_table, shared_table
from core.dataset.variants import find_variants, is_one_edit, merge_map, merged_counts
from core.features.article_map import LEAST_POINTS, lay_out, map_rows, word_vectors
from core.features.config import EncoderConfig
from core.features.encoder_files import find_encoder
from core.features.token_counts import count_tokens, whole_lengths
from core.features.vector_cache import VectorCache
from core.features.vectors import count_missing, read_vectors, vector_key
from tests.conftest import PROJECT, make_article


def tagged(*tag_lists):
    return [make_article(number, tags=list(tags)) for number, tags in enumerate(tag_lists)]


# Pairs


def test_pairs_are_counted_with_overlap_and_lift():
    table = pair_table(tagged(["go", "web"], ["go", "web"], ["go"], ["css", "web"]))
    assert table.iloc[0].tolist() == ["go", "web", 2, 2 / 4, 2 * 4 / (3 * 3)]
    assert table.iloc[1].tolist() == ["web", "css", 1, 1 / 3, 1 * 4 / (1 * 3)]
    assert len(table) == 2


def test_pairs_equal_brute_force(articles):
    counts = {
        frozenset(pair): sum(set(pair) <= set(a.tags) for a in articles)
        for pair in itertools.combinations({t for a in articles for t in a.tags}, 2)
    }
    found = pair_table(articles)
    assert {frozenset((row.first, row.second)): row.articles for row in found.itertuples()} == {
        pair: number for pair, number in counts.items() if number
    }


def test_articles_with_one_tag_or_none_make_no_pair():
    assert pair_table(tagged(["go"], [])).empty
    assert pair_table([]).empty


def test_a_heat_maps_share_is_of_the_rows_articles():
    articles = tagged(["go", "web"], ["go"], ["go"], ["go"], ["css"])
    shared = shared_table(pair_table(articles), {"go": 4, "web": 1, "css": 1}, ["go", "web", "css"])
    share = {(row.tag, row.with_tag): row.share for row in shared.itertuples()}
    assert share["go", "web"] == 1 / 4
    assert share["web", "go"] == 1
    assert share["css", "go"] == 0
    assert len(share) == 6


# Tags that are one


@pytest.mark.parametrize(
    ("rarer", "kept", "reason"),
    [
        ("nodejs", "node.js", "same letters"),
        ("machine learning", "machine-learning", "same letters"),
        ("Docker", "docker", "same letters"),
        ("golang", "go", "known alias"),
        ("js", "javascript", "known alias"),
        ("node", "node.js", "known alias"),
        ("机器学习", "machine-learning", "known alias"),
        ("containers", "container", "plural"),
        ("library", "libraries", "plural"),
        ("micorsoft", "microsoft", "one letter differs"),
        ("forcasting", "forecasting", "one letter differs"),
    ],
)
def test_a_rarer_spelling_is_found(rarer, kept, reason):
    (variant,) = find_variants({kept: 9, rarer: 2, "unrelated": 5})
    assert (variant.tag, variant.into, variant.reason) == (rarer, kept, reason)
    assert (variant.tag_articles, variant.into_articles) == (2, 9)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("c", "c++"),
        ("c#", "c++"),
        (".net", "net"),
        ("chrome64", "chrome65"),
        ("java", "javascript"),
        ("http", "https"),
        ("css", "cs"),
        ("rust", "dust"),
    ],
)
def test_two_things_are_not_taken_for_one(one, other):
    assert find_variants({one: 3, other: 2}) == []


def test_of_equal_spellings_the_most_frequent_stays_and_ties_go_by_name():
    variants = find_variants({"web-hosting": 1, "webhosting": 1, "web hosting": 4})
    assert {v.tag: v.into for v in variants} == {
        "web-hosting": "web hosting",
        "webhosting": "web hosting",
    }
    (tie,) = find_variants({"webapp": 1, "web-app": 1})
    assert (tie.tag, tie.into) == ("webapp", "web-app")


def edits_of(word, letters="ab"):
    """Every word one edit away, by trying all."""
    cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    return (
        {a + b[1:] for a, b in cuts if b}
        | {a + c + b for a, b in cuts for c in letters}
        | {a + c + b[1:] for a, b in cuts if b for c in letters}
        | {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    ) - {word}


@given(st.text("ab", max_size=6), st.text("ab", max_size=6))
def test_one_edit_is_what_trying_all_edits_reaches(left, right):
    assert is_one_edit(left, right) == (right in edits_of(left))


def test_a_merge_map_follows_chains_and_leaves_out_what_stays():
    merges = [("golang", "go"), ("go-lang", "golang"), ("css", "css"), (" js ", "javascript")]
    assert merge_map(merges) == {"go-lang": "go", "golang": "go", "js": "javascript"}


@pytest.mark.parametrize(
    ("merges", "sentence"),
    [
        ([("a", "b"), ("b", "a")], "in a circle: a > b > a"),
        ([("a", "b"), ("a", "c")], "'a' is to become 'b' and 'c'"),
        ([("a", " ")], "lacks a tag or its target"),
    ],
)
def test_an_impossible_merge_is_refused(merges, sentence):
    with pytest.raises(DataError, match=sentence):
        merge_map(merges)


def test_an_article_with_both_spellings_counts_once():
    articles = tagged(["go", "golang"], ["golang"], ["css"])
    assert merged_counts(articles, {"golang": "go"}) == {"go": 2, "css": 1}


# Near-duplicates


def pieces_of(article):
    text = "".join(c if c.isalnum() else " " for c in f"{article.title} {article.description}")
    text = " ".join(text.casefold().split())
    return {text[i : i + 5] for i in range(len(text) - 4)}


def changed_texts(number):
    """Random sentences, each with copies in which some words are others."""
    chance = random.Random(3)
    words = [f"w{chance.randrange(10**6)}" for _ in range(400)]
    made = []
    while len(made) < number:
        sentence = chance.sample(words, chance.randint(3, 30))
        for _ in range(chance.randint(1, 4)):
            some = [chance.choice(words) if chance.random() < 0.08 else w for w in sentence]
            made.append(make_article(len(made), title=" ".join(some), description="x"))
    return made[:number]


@pytest.mark.parametrize("least", [0.5, 0.7, 0.9])
def test_near_duplicates_are_all_those_that_comparing_all_pairs_finds(least):
    articles = changed_texts(100)
    pieces = [pieces_of(article) for article in articles]
    wanted = {}
    for first, second in itertools.combinations(range(len(articles)), 2):
        ours, theirs = pieces[first], pieces[second]
        similarity = len(ours & theirs) / len(ours | theirs)
        if similarity >= least:
            wanted[first, second] = similarity
    found = {(p.first, p.second): p.similarity for p in find_near_duplicates(articles, least=least)}
    # Of equal articles only the first is compared with others.
    twins = {second for (_, second), similarity in wanted.items() if similarity == 1}
    for pair, similarity in found.items():
        assert similarity == pytest.approx(wanted[pair])
    assert found.keys() >= {pair for pair in wanted if not twins & set(pair)}
    assert len(found) >= 10


def test_the_most_alike_come_first_and_case_and_punctuation_do_not_count():
    text = "A goroutine that waits for a channel nobody closes leaks for ever"
    articles = [
        make_article(1, title=text, description="The end."),
        make_article(2, title="Something else altogether", description="about style sheets"),
        make_article(3, title=text.replace("nobody", "no one"), description="The end."),
        make_article(4, title=text.upper(), description="the -- end", tags=["css"]),
    ]
    found = find_near_duplicates(articles)
    assert [(p.first, p.second) for p in found] == [(0, 3), (0, 2)]
    assert found[0].similarity == 1 > found[1].similarity >= 0.7
    table = near_duplicate_table(articles, found)
    assert table["same_tags"].tolist() == [False, True]
    assert table["kept_together"].tolist() == [True, False]
    assert table["second_id"].tolist() == ["a4", "a3"]


def test_many_copies_are_paired_with_the_first_and_the_search_can_end_early():
    copies = [make_article(n, title="The same title", description="and text") for n in range(50)]
    found = find_near_duplicates(copies)
    assert [(p.first, p.second) for p in found] == [(0, n) for n in range(1, 50)]
    assert len(find_near_duplicates(copies, most_pairs=10)) == 10


def test_short_titles_and_no_articles_are_compared_without_an_error():
    articles = [make_article(n, title="Go", description="") for n in range(2)]
    assert find_near_duplicates(articles)[0].similarity == 1
    assert find_near_duplicates([]) == []


# Lengths


def test_words_are_runs_of_letters_and_single_chinese_characters():
    assert count_words(["Go 1.22, fast", "把 Go 拆成微服务", ""]).tolist() == [4, 7, 0]


def test_lengths_are_summed_up_by_hand():
    lengths = build_lengths(np.array([1, 2, 3, 4, 10, 0]), limit=3)
    assert (lengths.texts, lengths.empty, lengths.longest) == (5, 1, 10)
    assert (lengths.median, lengths.nine_tenths, lengths.over_limit) == (3, 10, 2 / 5)
    assert build_lengths(np.array([0, 0])).bars == ()


@given(st.lists(st.integers(1, 3000), min_size=1, max_size=60))
def test_bars_hold_every_text_once_and_quantiles_are_numpys(values):
    counts = np.array(values)
    lengths = build_lengths(counts)
    assert sum(texts for _, _, texts in lengths.bars) == len(counts)
    for shortest, longest, texts in lengths.bars:
        assert texts == ((counts >= shortest) & (counts <= longest)).sum()
    assert lengths.median == np.quantile(counts, 0.5, method="inverted_cdf")
    assert lengths.nine_tenths == np.quantile(counts, 0.9, method="inverted_cdf")


def test_the_parts_of_an_article_are_measured_as_a_model_reads_them():
    article = make_article(1, title="T", description="D", fulltext="F")
    assert [texts_of([article], part) for part in PARTS] == [["T"], ["D"], ["T\nD"], ["F"]]


def test_tokens_are_counted_as_the_encoder_counts_them():
    from core.features.encoder import load_tokenizer
    from core.features.encoder_tokens import tokenize

    texts = ["Goroutines leak", "把单体应用拆成微服务 with gRPC", "word " * 700, ""]
    encoder = tokenize(load_tokenizer(find_encoder("minilm").folder), texts)
    assert whole_lengths(count_tokens(texts)).tolist() == [len(ids) + 2 for ids in encoder[:3]] + [
        0
    ]


# Origins


def test_hosts_are_read_from_addresses():
    addresses = ["https://www.Example.org/a", "http://example.org:80/", "not one", "http://[", ""]
    assert [host_of(url) for url in addresses] == ["example.org", "example.org", "", "", ""]


def test_authors_hosts_and_dates_are_counted():
    articles = [
        make_article(1, creators=["Ann", "Bob"], url="https://a.org/1", published="2024-05-31"),
        make_article(2, creators=["Bob"], url="https://a.org/2"),
    ]
    origins = build_origins(articles)
    assert origins.authors == {"Bob": 2, "Ann": 1}
    assert origins.hosts == {"a.org": 2}
    assert origins.dated == 1


def test_a_time_line_has_every_month_between_and_a_series_for_each_tag():
    articles = [
        make_article(1, published="2024-01-31", tags=["go"]),
        make_article(2, published="2024-03-01", tags=["css"]),
        make_article(3, published="2024-03-31", tags=["go"]),
        make_article(4),
    ]
    line = time_line(articles)
    assert [day.date() for day in line["start"]] == [date(2024, m, 1) for m in (1, 2, 3)]
    assert line["articles"].tolist() == [1, 0, 2]
    assert set(line["series"]) == {ALL}
    tags = time_line(articles, ["go", "css"])
    assert tags["series"].tolist() == ["go"] * 3 + ["css"] * 3
    assert tags["articles"].tolist() == [1, 0, 1, 0, 0, 1]


def test_a_time_line_of_more_than_three_years_counts_by_year():
    line = time_line([make_article(n, published=f"{2010 + n}-06-01") for n in (0, 4)])
    assert [day.year for day in line["start"]] == [2010, 2011, 2012, 2013, 2014]
    assert time_line([make_article()]).empty


# The map


def test_the_map_takes_the_same_articles_each_time_and_none_without_text(articles):
    empty = make_article(999, title="", description="", fulltext="not read")
    rows = map_rows([empty, *articles], 30)
    assert rows == map_rows([empty, *articles], 30) == sorted(rows)
    assert len(rows) == 30 and 0 not in rows
    assert map_rows(articles, 5000) == list(range(len(articles)))


@pytest.mark.parametrize(("layout", "dimensions"), [("pca", 2), ("pca", 3), ("tsne", 2)])
def test_articles_of_one_topic_lie_nearer_than_those_of_another(layout, dimensions):
    chance = random.Random(1)
    topics = ("goroutine channel select mutex race", "css flex grid colour font")
    texts = [" ".join(chance.sample(topic.split(), 4)) for topic in topics for _ in range(12)]
    points = lay_out(word_vectors(texts), dimensions=dimensions, layout=layout)
    assert points.shape == (24, dimensions)
    first, second = points[:12], points[12:]
    between = np.linalg.norm(first.mean(0) - second.mean(0))
    assert between > np.linalg.norm(first - first.mean(0), axis=1).max()


def test_a_map_is_the_same_each_time_and_lengths_of_vectors_do_not_count():
    vectors = np.random.default_rng(0).normal(size=(20, 6)).astype(np.float32)
    once = lay_out(vectors, dimensions=2, layout="pca")
    scaled = vectors * np.arange(1, 21, dtype=np.float32)[:, None]
    np.testing.assert_allclose(lay_out(scaled, dimensions=2, layout="pca"), once, atol=1e-5)


def test_too_few_articles_for_a_map_are_refused_in_a_sentence():
    vectors = np.ones((LEAST_POINTS - 1, 8), np.float32)
    with pytest.raises(DataError, match="needs 5 or more articles that share words; here are 4"):
        lay_out(vectors, dimensions=2, layout="pca")
    for texts in (["alone"], ["all", "have", "their", "own", "words"]):
        with pytest.raises(DataError, match="share words"):
            word_vectors(texts)
    with pytest.raises(DataError, match="share words with none or with all others"):
        word_vectors(["the same words in every text"] * 50)
    one_direction = np.arange(6, dtype=np.float32)[:, None]
    with pytest.raises(DataError, match="differ in 1 directions"):
        lay_out(one_direction, dimensions=2, layout="pca")


_CHILD = """
import sys
import warnings
import numpy as np
from core.base.errors import CoreError
from core.features.article_map import lay_out, word_vectors
warnings.simplefilter("error")
same = np.ones((400, 20), np.float32)
noise = np.random.default_rng(0).normal(size=(400, 20)).astype(np.float32)
cases = {
    "equal": same,
    "of different lengths": same * np.arange(1, 401, dtype=np.float32)[:, None],
    "zeros": same * 0,
    "five equal": same[:5],
    "equal but for rounding": same + 1e-8 * noise,
    "release notes": word_vectors([f"Release {n}: fixes and changes" for n in "abcdefgh"]),
    "two kinds": np.repeat(noise[:2], 30, axis=0),
    "one apart": np.vstack([same[:50], noise[:1]]),
    "a line": np.outer(np.arange(1, 13), np.ones(20)).astype(np.float32),
    "one column": np.eye(2, dtype=np.float32)[[0] * 20 + [1]],
    "near": same + 1e-4 * noise,
    "no number": np.where(noise > 2, np.nan, noise),
    "endless": np.where(noise > 2, np.inf, noise),
}
for name, vectors in cases.items():
    for layout in ("pca", "tsne"):
        try:
            points = lay_out(vectors, dimensions=2, layout=layout)
            assert points.shape == (len(vectors), 2) and np.isfinite(points).all()
            print(name, layout, len(np.unique(points.round(6), axis=0)) == 1, flush=True)
        except CoreError as error:
            print(name, layout, error, flush=True)
"""


def test_no_vectors_however_alike_end_the_process_that_lays_them_out():
    """In a process of its own, for t-SNE of equal vectors is a segmentation fault."""
    done = subprocess.run(
        [sys.executable, "-c", _CHILD], cwd=PROJECT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    said = dict(line.rsplit(" ", 1) for line in done.stdout.splitlines())
    alike = ("equal", "of different lengths", "zeros", "five equal", "equal but for rounding")
    for layout in ("pca", "tsne"):
        for name in (*alike, "release notes", "a line"):
            assert said[f"{name} {layout}"] == "True"
        assert said[f"two kinds {layout}"] == "False"
        assert f"no number {layout} Some vectors hold a value that is not a number." in done.stdout


def test_vectors_for_the_map_come_from_the_embedding_cache():
    texts, config = ["one", "two", "one"], EncoderConfig()
    assert count_missing(texts, config) == 2
    with pytest.raises(DataError, match="Encode them first"):
        read_vectors(texts, config)
    keys = [vector_key(text, find_encoder("minilm"), config) for text in texts[:2]]
    VectorCache().write(keys, np.array([[1, 2], [3, 4]], np.float32), [False, False])
    assert count_missing(texts, config) == 0
    assert read_vectors(texts, config).tolist() == [[1, 2], [3, 4], [1, 2]]


# The command


def test_data_stats_prints_what_the_page_shows(tmp_path, capsys):
    import json

    articles = [
        make_article(1, tags=["go", "web"]),
        make_article(2, tags=["golang", "web"], title="Title 1", description="Description 1!"),
        make_article(3, tags=["go", "web"], title="Other", description="words of its own"),
    ]
    file = tmp_path / "posts.jsonl"
    file.write_text("".join(a.model_dump_json() + "\n" for a in articles), encoding="utf-8")
    assert main(["data", "stats", str(file), "--json"]) == 0
    stats = json.loads(capsys.readouterr().out)
    assert stats["articles"] == 3
    assert stats["pairs"][0] == {
        "first": "web", "second": "go", "articles": 2, "jaccard": 2 / 3, "lift": 1.0
    }  # fmt: skip
    assert stats["variants"][0]["into"] == "go"
    assert stats["near_duplicates"][0]["second_id"] == "a2"
    words = next(r for r in stats["lengths"] if (r["part"], r["unit"]) == ("title", "words"))
    assert (words["median"], words["longest"]) == (2, 2)
    assert main(["data", "stats", str(file)]) == 0
    assert "tags that may be one" in capsys.readouterr().out
