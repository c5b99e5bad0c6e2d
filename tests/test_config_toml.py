"""Settings as a file, as a command line and as a list of changes: each leads back to the same."""

import argparse
import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base.errors import ConfigError
from core.commands.main import build_parser
from core.methods.reading import reads_setting
from core.settings.experiment import (
    ExperimentConfig,
    config_to_toml,
    parse_config,
    read_config_file,
)
from core.study.changed_settings import ChangedSetting, changed_settings, command_line
from core.study.presets import configure, list_presets, preset_named

NASTY = st.text(st.characters(codec="utf-8"), min_size=1)
PRESETS = [preset.name for preset in list_presets()]
CHANGES = {
    "preset": st.sampled_from(["", *PRESETS]),
    "seed": st.integers(0, 2**32 - 1),
    "data": st.fixed_dictionaries(
        {
            "sources": st.lists(
                st.from_regex(r"[a-z0-9][a-z0-9 ._'\"$-]*", fullmatch=True), min_size=1
            ),
            "languages": st.lists(st.sampled_from(["en", "zh"]), unique=True),
            "text_column": st.sampled_from(["title", "description", "fulltext", "partial_text"]),
        }
    ),
    "split": st.fixed_dictionaries(
        {"test_share": st.floats(0, 1, exclude_min=True, exclude_max=True)}
    ),
    "features": st.fixed_dictionaries(
        {
            "encoder": st.fixed_dictionaries({"name": NASTY}),
            "ngram_range": st.lists(
                st.tuples(st.integers(1, 3), st.integers(3, 6)), min_size=1, max_size=3
            ),
            "sublinear_tf": st.booleans(),
        }
    ),
    "classifier": st.fixed_dictionaries(
        {
            "C": st.lists(st.floats(1e-300, 1e300), min_size=1, max_size=4),
            "dual": st.lists(st.sampled_from([True, False, "auto"]), min_size=1, unique=True),
        }
    ),
    "finetune": st.fixed_dictionaries({"adam_epsilon": st.floats(1e-20, 1)}),
    "thresholds": st.fixed_dictionaries({"value": st.floats(-1e6, 1e6)}),
}
configs = st.fixed_dictionaries({}, optional=CHANGES).map(ExperimentConfig.model_validate)


@settings(max_examples=40)
@given(configs)
def test_a_toml_file_gives_the_same_settings_back(config):
    assert parse_config(config_to_toml(config), "experiment.toml") == config


@settings(max_examples=40)
@given(configs)
def test_the_shown_command_line_makes_the_same_settings_that_the_method_reads(config):
    changed = changed_settings(settings_of(command_line(config)), config)
    assert not [change for change in changed if reads_setting(config, change.setting)]


def settings_of(line: str) -> ExperimentConfig:
    """What `python -m core` makes of a line, up to the point where it would train."""
    program, *words = shlex.split(line)
    assert [program, *words[:2]] == ["python", "-m", "core"]
    options: argparse.Namespace = build_parser().parse_args(words[2:])
    base = preset_named(options.preset).config()
    return configure(base, sources=options.data, assignments=options.assignments)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_needs_no_changes_in_its_command_line(name):
    line = command_line(configure(preset_named(name).config(), sources=["blog"]))
    assert line == f"python -m core run {name} --data blog"


def test_a_downloaded_file_is_read_by_the_command_line(tmp_path):
    config = configure(
        preset_named("study-06").config(), assignments=["features.encoder.name=a\x7f\\\"b'\n"]
    )
    (tmp_path / "a.toml").write_text(config_to_toml(config), encoding="utf-8")
    assert read_config_file(tmp_path / "a.toml") == config


def test_a_file_of_another_encoding_is_refused_in_a_sentence(tmp_path):
    (tmp_path / "a.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match=r"a\.toml is neither TOML nor JSON"):
        read_config_file(tmp_path / "a.toml")


def test_differences_name_each_changed_setting_with_both_values():
    base = preset_named("best-tfidf").config()
    changed = configure(base, assignments=["classifier.C=[1,10]", "seed=7", "preset=other"])
    found = changed_settings(changed, base)
    assert found == [
        ChangedSetting("classifier.C", was=[0.1, 1.0, 10.0], now=[1.0, 10.0]),
        ChangedSetting("seed", was=20200122, now=7),
    ]
    assert [d.assignment for d in found] == ["classifier.C=[1.0,10.0]", "seed=7"]
    assert changed_settings(base, base) == []


def test_a_text_that_would_read_as_a_number_is_written_as_text():
    base = ExperimentConfig()
    changed = configure(base, assignments=['features.encoder.name="12"'])
    (found,) = changed_settings(changed, base)
    assert found.assignment == 'features.encoder.name="12"'
    assert configure(base, assignments=[found.assignment]) == changed
