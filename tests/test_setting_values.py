"""Values of settings on a command line: one, several, with commas and quotes in them."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base.config import setting_names, split_values
from core.base.errors import ConfigError
from core.runs.batch import sweep_entries
from core.settings.experiment import ExperimentConfig, parse_config
from core.study.changed_settings import changed_settings
from core.study.presets import configure

PLAIN = ExperimentConfig()
LISTS = {
    "data.sources": ("blog", ("blog",)),
    "data.languages": ("en", ("en",)),
    "data.corrections": ("fixes", ("fixes",)),
    "data.extra": ("other.csv", ("other.csv",)),
    "features.ngram_range": ("1,3", ((1, 3),)),
    "features.max_df": ("0.5", (0.5,)),
    "classifier.C": ("2", (2.0,)),
    "classifier.penalty": ("l1", ("l1",)),
    "classifier.dual": ("false", (False,)),
}


def value_of(config, name):
    for part in name.split("."):
        config = getattr(config, part)
    return config


def set_to(text):
    return value_of(configure(PLAIN, assignments=[text]), text.partition("=")[0])


def test_every_setting_of_several_values_is_in_the_table():
    values = {name: value_of(PLAIN, name) for name in setting_names(ExperimentConfig)}
    assert {name for name, value in values.items() if isinstance(value, tuple)} == set(LISTS)


@pytest.mark.parametrize("name", LISTS)
def test_a_setting_of_several_values_takes_a_single_one(name):
    text, value = LISTS[name]
    assert set_to(f"{name}={text}") == value


@pytest.mark.parametrize(
    ("assignment", "value"),
    [
        ("data.sources=a,b", ("a", "b")),
        ("data.sources=[a, b]", ("a", "b")),
        ('data.sources=["a","b"]', ("a", "b")),
        ('data.sources="a,b.csv"', ("a,b.csv",)),
        ('data.sources=["a,b.csv",c]', ("a,b.csv", "c")),
        ("data.sources=2024", ("2024",)),
        ("data.sources=[2023,2024]", ("2023", "2024")),
        ("data.sources=3days,x@2", ("3days", "x@2")),
        ("data.languages=en,zh", ("en", "zh")),
        ("data.languages=no", ("no",)),
        ("data.languages=", ()),
        ("data.languages=[]", ()),
        ("data.extra= a , b ", ("a", "b")),
        ("classifier.C=0.1,1", (0.1, 1.0)),
        ("classifier.dual=[true,auto]", (True, "auto")),
        ("features.ngram_range=[1,1],[1,2]", ((1, 1), (1, 2))),
        ("features.encoder.name=a,b", "a,b"),
        ("features.encoder.name=12", "12"),
    ],
)
def test_values_are_read_as_their_setting_needs_them(assignment, value):
    assert set_to(assignment) == value


@pytest.mark.parametrize(
    ("assignment", "sentence"),
    [
        ("data.languages=en,", "one of them is empty"),
        ("data.languages=en,,zh", "one of them is empty"),
        ("data.sources=", "at least 1 item"),
        ("classifier.C=0.1,x", "Setting 'classifier.C.1' cannot be 'x'"),
        ("seed=" + "9" * 5000, "Setting 'seed' cannot be"),
    ],
)
def test_values_that_cannot_be_are_refused_in_a_sentence(assignment, sentence):
    with pytest.raises(ConfigError, match=sentence):
        configure(PLAIN, assignments=[assignment])


def test_what_is_nested_too_deep_for_json_is_a_text():
    assert set_to("data.sources=" + "[" * 5000) == ("[" * 5000,)


def test_a_settings_file_takes_a_single_value_too():
    config = parse_config('[data]\nsources = "a,b.csv"\nlanguages = "en"\n', "a.toml")
    assert (config.data.sources, config.data.languages) == (("a,b.csv",), ("en",))


names = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=8)


@settings(max_examples=200)
@given(st.lists(names, min_size=1, max_size=4))
def test_any_names_come_back_from_what_a_difference_is_written_as(sources):
    config = PLAIN.model_copy(
        update={"data": PLAIN.data.model_copy(update={"sources": tuple(sources)})}
    )
    written = [difference.assignment for difference in changed_settings(config, PLAIN)]
    assert configure(PLAIN, assignments=written).data.sources == tuple(sources)


@settings(max_examples=200)
@given(st.lists(st.lists(names, max_size=3), min_size=1, max_size=4))
def test_a_sweep_over_lists_has_a_point_a_list(points):
    values = ",".join(json.dumps(point) for point in points)
    entries = sweep_entries(PLAIN, [f"data.languages={values}"])
    assert [list(entry.config.data.languages) for entry in entries] == points


def test_a_sweep_parts_its_values_at_commas_outside_of_lists_and_quotes():
    assert split_values('en,["en","zh"], "a,b" ,[x,y],3') == [
        "en",
        '["en","zh"]',
        '"a,b"',
        "[x,y]",
        "3",
    ]
    entries = sweep_entries(PLAIN, ['data.sources=a,[a,b],"c,d.csv"'])
    assert [e.config.data.sources for e in entries] == [("a",), ("a", "b"), ("c,d.csv",)]
    assert [e.name for e in entries] == [
        "data.sources=a",
        "data.sources=[a,b]",
        'data.sources="c,d.csv"',
    ]
    entries = sweep_entries(PLAIN, ["features.ngram_range=[1,1],[1,2]"])
    assert [e.config.features.ngram_range for e in entries] == [((1, 1),), ((1, 2),)]
