"""How costs grow: the fitted exponent, the sets it is fitted on, and every stage at work."""

import sys

import numpy as np
import pytest

from benchmarks.growth import STAGES, exponent, generate, measure_here, spread


def test_the_exponent_is_the_power_that_costs_grow_with():
    sizes = [10, 100, 1000]
    assert exponent(sizes, [3 * size**2 for size in sizes]) == pytest.approx(2)
    assert exponent(sizes, [5.0, 5.0, 5.0]) == pytest.approx(0)
    # Ten times the size at 2 and then at 8 times the cost: the mean slope of both steps.
    assert exponent(sizes, [1, 2, 16]) == pytest.approx(np.log10(16) / 2)


def test_generated_articles_have_their_tags_words_and_are_the_same_again():
    made = generate(50, 20)
    assert made == generate(50, 20)
    for article in made:
        assert 1 <= len(article.tags) <= 3
        told = {f"topic{tag.removeprefix('tag ')}a" for tag in article.tags}
        assert told == {word for word in article.description.split() if word[-1:] == "a"} & {
            f"topic{number}a" for number in range(20)
        }


def test_fewer_articles_are_spread_over_the_whole_set():
    made = generate(11, 5)
    assert [article.id for article in spread(made, 3)] == ["0", "5", "10"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")
@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_can_be_measured(stage, tmp_path):
    path = tmp_path / "set.jsonl"
    path.write_text("".join(f"{article.model_dump_json()}\n" for article in generate(60, 6)))
    cost = measure_here(stage, path)
    assert cost.seconds > 0
    assert cost.bytes >= 0
