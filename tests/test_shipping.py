"""What is shipped: containers as a parser reads them, and the licences of what is installed."""

import re
import shlex
from pathlib import PurePosixPath

import pytest
import yaml

from benchmarks.licences import FILES, PAGE, installed_with, licence_of, read_requirements
from core.commands.main import build_parser
from tests.conftest import PROJECT

DOCKERFILE = (PROJECT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((PROJECT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if "build" in service]


def instructions(word):
    """The arguments of every such instruction, continued lines joined."""
    whole = re.sub(r"\\\n\s*", " ", DOCKERFILE)
    return re.findall(rf"^{word} +(.+)$", whole, re.MULTILINE)


def require_command_of_ours(command):
    assert command[:3] == ["python", "-m", "core"]
    assert build_parser().parse_args(command[3:]).handler


def test_the_image_is_pinned_runs_as_nobody_special_and_keeps_its_data_in_a_volume():
    (base,) = instructions("FROM")
    assert re.fullmatch(r"python:3\.11\.\d+-slim-\w+", base)
    assert instructions("USER") == ["10001"]
    assert "--uid 10001" in DOCKERFILE
    # Nothing is installed or copied as root after the user has changed.
    assert DOCKERFILE.index("USER 10001") > DOCKERFILE.rindex("COPY ")
    assert yaml.safe_load(instructions("VOLUME")[0]) == ["/data"]
    assert "TAGSMITH_HOME=/data" in instructions("ENV")[0]


def test_the_image_is_asked_whether_it_answers_and_starts_a_command_that_exists():
    (health,) = instructions("HEALTHCHECK")
    code = yaml.safe_load(health.partition("CMD ")[2])[2]
    compile(code, "health", "exec")
    assert "/_stcore/health" in code
    require_command_of_ours(yaml.safe_load(instructions("CMD")[-1]))


def test_all_that_the_image_copies_is_here_and_is_let_in():
    let_in = (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for line in instructions("COPY"):
        for source in line.split()[:-1]:
            assert (PROJECT / source).exists(), source
            parents = [str(path) for path in PurePosixPath(source.strip("./")).parents]
            names = {f"!{name}" for name in (source, source.rstrip("/"), *parents)}
            assert names & set(let_in), source


def test_torch_is_named_once_so_that_the_image_can_take_it_from_another_index():
    lines = (PROJECT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert len([line for line in lines if line.startswith("torch==")]) == 1


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_pinned_and_asked_whether_it_is_well(name):
    service = SERVICES[name]
    image, tag = service["image"].split(":")
    assert image
    assert re.match(r"\d+\.\d+", tag)
    assert "privileged" not in service
    assert name == "app" or service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")


@pytest.mark.parametrize("name", OURS)
def test_our_services_run_without_rights_on_one_shared_home(name):
    service = SERVICES[name]
    assert service["user"] == "10001"
    assert service["cap_drop"] == ["ALL"]
    assert service["volumes"] == ["home:/data"]
    assert service["environment"]["TAGSMITH_HOME"] == "/data"
    assert {*COMPOSE["volumes"]} >= {"home", "corrections"}


def test_only_the_app_is_reached_from_outside_and_from_this_machine_alone():
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert ports == {"app": ["127.0.0.1:8501:8501"]}


def test_the_services_start_commands_that_exist():
    require_command_of_ours(SERVICES["app"]["command"])
    for name in ("head", "worker"):
        assert SERVICES[name]["command"][:2] == ["ray", "start"]
        assert SERVICES[name]["build"]["args"]["REQUIREMENTS"] == "requirements-ray.txt"
        compile(SERVICES["head"]["healthcheck"]["test"][3], "health", "exec")


def test_ray_knows_the_options_that_its_services_give():
    click = pytest.importorskip("click.testing")
    scripts = pytest.importorskip("ray.scripts.scripts")
    known = click.CliRunner().invoke(scripts.cli, ["start", "--help"]).output
    for name in ("head", "worker"):
        for word in SERVICES[name]["command"][2:]:
            assert word.partition("=")[0] in known


def test_no_secret_is_written_down():
    text = (PROJECT / "compose.yaml").read_text(encoding="utf-8")
    for name in ("POSTGRES_PASSWORD", "TAGSMITH_TOKEN"):
        assert set(re.findall(rf"{name}[^}}\s]*", text)) >= {f"{name}:?set"}
    assert not re.search(r"PASSWORD: *\"?\w", text)


def listed_licences():
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    cells = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    return dict(cells[1:])


@pytest.mark.parametrize("file", FILES)
def test_every_package_that_is_asked_for_has_its_licence_listed(file):
    listed = listed_licences()
    for requirement in read_requirements(file):
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        assert listed[name] == licence_of(name)


def test_the_list_of_licences_covers_what_they_need_in_turn():
    wanted = [r for file in FILES for r in read_requirements(file)]
    assert installed_with(wanted) <= listed_licences().keys()
    assert "not named" not in listed_licences().values()


@pytest.mark.parametrize(
    "line",
    re.findall(r"^    (docker .+)$", (PROJECT / "docs/containers.md").read_text(), re.MULTILINE),
)
def test_a_documented_container_command_names_what_is_there(line):
    words = shlex.split(line)
    if words[1] == "compose":
        assert not [w for w in words if "=" in w and w.split("=")[0] not in SERVICES]
        return
    if words[1] == "build":
        arguments = [w.split("=")[0] for w in words if "=" in w]
        assert set(arguments) <= set(re.findall(r"^ARG (\w+)", DOCKERFILE, re.MULTILINE))
        return
    assert any(word.startswith("tagsmith:") for word in words)
    assert "127.0.0.1:8501:8501" in words
