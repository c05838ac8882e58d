# SPDX-License-Identifier: Apache-2.0
"""What README.md, CONTRIBUTING.md and the manual's prose name is there: configurations, keys, commands with their options, files, names of the
code."""

import re

import pytest
from conftest import TESTS
from test_cli_help import COMMANDS
from test_cli_manual import PAGES, keys_of

TOP = TESTS.parent
PAPERS = ["README.md", "CONTRIBUTING.md", "k8s/README.md"]


def paper(name):
    return (TOP / name).read_text()


def prose(name):
    """The manual page as it is written by hand: without what is filled in."""
    return (TOP / f"conf/man/{name}.in").read_text()


def blocks(text, begin, end):
    return re.findall(rf"^{begin}\n(.*?)^{end}$", text, re.MULTILINE | re.DOTALL)


def configurations():
    agents = [*blocks(paper("README.md"), "```toml", "```"), *blocks(prose("upkeep-agent.toml.5"), r"\.Bd [^\n]*", r"\.Ed")]
    return [(text, "agents.d/example-agent.toml") for text in agents] + \
        [(text, "upkeep.toml") for text in blocks(prose("upkeep.toml.5"), r"\.Bd [^\n]*", r"\.Ed")]


def test_each_configuration_that_is_shown_is_good(upkeep, tmp_path):
    shown = configurations()
    assert len(shown) == 4
    for number, (text, file) in enumerate(shown):
        path = tmp_path / str(number) / file
        path.parent.mkdir(parents=True)
        path.write_text(text)
        answer = upkeep("config", "check", tmp_path / str(number), "--json")
        assert answer.json["errors"] == [] and answer.status == 0, text


@pytest.mark.parametrize("name", ["upkeepd.8", "upkeep.toml.5", "upkeep-agent.toml.5"])
def test_each_key_that_the_manual_names_exists(upkeep, name):
    tables = keys_of(upkeep)
    known = {key["name"] for table in tables for key in table["keys"]} | {word for table in tables for word in table["table"].split(".") + [table["table"]]}
    text = prose(name)
    named = set(re.findall(r"^\.(?:It )?(?:Pq )?Ic (\S+)", text, re.MULTILINE)) | set(re.findall(r"^\.(?:It )?Li (\w+) = ", text, re.MULTILINE))
    assert named - known == set()
    assert len(named) > {"upkeepd.8": 0, "upkeep.toml.5": -1, "upkeep-agent.toml.5": 25}[name]


def commands_named():
    for name in PAPERS:
        for said in re.findall(r"(?:`|^    )(?:sudo )?(upkeep [^`\n#]+)", paper(name), re.MULTILINE):
            yield name, said
    for name in PAGES:
        for said in re.findall(r"^\.Ql (upkeep [^\n.]+)", prose(name), re.MULTILINE):
            yield name, said.replace("\\-", "-")


def test_each_command_that_is_named_exists_with_its_options(upkeep):
    named = list(commands_named())
    assert len(named) > 40
    for where, said in named:
        words = [word for word in said.split()[1:] if re.fullmatch(r"[a-z-]+", word) and not word.startswith("--")]
        command = next((one for one in (" ".join(words[:2]), *words[:1]) if one in COMMANDS), None)
        assert command, f"{where}: `{said}`"
        options = set(re.findall(r"--[a-z-]+", said))
        assert options <= set(re.findall(r"--[a-z-]+", upkeep(*command.split(), "--help").out)), f"{where}: `{said}`"


@pytest.mark.parametrize("name", PAPERS)
def test_each_file_that_is_linked_to_exists(name):
    links = re.findall(r"\]\(([^)#:]+)\)", paper(name))
    assert [link for link in links if not ((TOP / name).parent / link).exists()] == []


def quoted(name):
    return set(re.findall(r"`([^`\n]+)`", paper(name)))


def test_each_source_that_contributing_names_exists():
    named = {word for word in quoted("CONTRIBUTING.md") if re.fullmatch(r"[a-z]+/[a-z_/*.-]+\.(cpp|h|yaml|md|txt)", word)}
    assert len(named) > 25
    assert [word for word in named if not any(any(folder.glob(word)) for folder in (TOP, TOP / "daemon"))] == []


def test_each_name_of_the_code_that_contributing_uses_exists():
    named = {word for word in quoted("CONTRIBUTING.md") if re.fullmatch(r"k?[A-Z]?[a-z]+(_[a-z]+)+|([A-Z][a-z]+){2,}", word)}
    assert len(named) > 10
    code = "\n".join(path.read_text() for top in ("daemon", "plugins") for path in (TOP / top).rglob("*") if path.suffix in (".cpp", ".h", ".txt", ".cmake"))
    assert {word for word in named if not re.search(rf"\b{word}\b", code)} == set()


def test_each_section_of_the_manual_that_the_readme_names_exists():
    named = re.findall(r"`man ([a-z.-]+)`, ([A-Z ]+[A-Z])", paper("README.md"))
    assert len(named) >= 3
    for name, section in named:
        page_name = next(one for one in PAGES if one.rpartition(".")[0] == name)
        assert f".Sh {section}\n" in prose(page_name), f"{name}, {section}"
