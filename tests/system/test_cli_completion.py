# SPDX-License-Identifier: Apache-2.0
"""Completion in the three real shells, and what it does when nobody answers."""

import os
import socket
import subprocess
import time

import pytest
from conftest import BUILD, TESTS
from fake_api import agent

SCRIPTS = TESTS.parent / "conf/completion"
TOP = {"status", "history", "events", "version", "check", "dry-run", "schedule", "channel", "store", "run", "force", "rollback", "suspend", "resume", "pin", "unpin",
       "unquarantine", "resolve", "forget", "reload", "config", "explain", "enable", "disable"}

BASH = r"""
source /usr/share/bash-completion/bash_completion
source {scripts}/upkeep.bash
COMP_LINE=$1 COMP_POINT=${{#1}} COMP_TYPE=9 COMP_KEY=9
# As readline splits a line.
read -ra COMP_WORDS <<< "${{1//=/ = }}"
[[ $1 != *' ' ]] || COMP_WORDS+=('')
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_upkeep
printf '%s\n' "${{COMPREPLY[@]}}"
"""
# zsh completes only for a person: a shell on a pseudo-terminal of zsh's own is asked, and what compadd is given is printed.
ZSH = r"""
zmodload zsh/zpty
zpty shell zsh -f -i
send() {{ zpty -w shell "$*" }}
send 'PS1=; fpath=({functions} $fpath); autoload -Uz compinit; compinit -u -D'
send 'compadd() {{ local -a found; builtin compadd -O found "$@"; (( $#found )) && print -rl -- "" "<${{^found[@]}}>"; builtin compadd "$@" }}'
send 'both() {{ zle list-choices; print -r -- "<<end>>"; exit }}; zle -N both; bindkey "^X" both; print -r -- "<<rea""dy>>"'
zpty -r shell seen '*<<ready>>*'
zpty -w -n shell "$1"$'\x18'
zpty -r shell seen '*<<end>>*'
print -r -- "$seen"
"""


@pytest.fixture
def path(tmp_path, monkeypatch):
    """`upkeep` as a shell finds it."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/upkeep").symlink_to(BUILD / "daemon/cli/upkeep")
    (tmp_path / "functions").mkdir()
    (tmp_path / "functions/_upkeep").symlink_to(SCRIPTS / "upkeep.zsh")
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def shell(*words):
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stderr == "", done.stderr + done.stdout
    return done.stdout


def in_bash(path, line):
    return set(shell("bash", "--norc", "-c", BASH.format(scripts=SCRIPTS), "bash", line).split())


def in_zsh(path, line):
    seen = shell("zsh", "-f", "-c", ZSH.format(functions=path / "functions"), "zsh", line)
    return {word[1:-1] for word in seen.replace("\r", "").split("\n") if word.startswith("<") and word.endswith(">") and not word.startswith("<<")}


def in_fish(path, line):
    seen = shell("fish", "--no-config", "-c", f"source {SCRIPTS}/upkeep.fish; complete -C $argv[1]", line)
    return {word.split("\t")[0] for word in seen.splitlines()}


SHELLS = pytest.mark.parametrize("ask", [in_bash, in_zsh, in_fish])


@SHELLS
def test_commands(api, path, ask):
    assert ask(path, "upkeep ") == TOP
    assert ask(path, "upkeep re") == {"resume", "resolve", "reload"}
    assert ask(path, "upkeep config ") == {"check", "keys"}


@SHELLS
def test_options_of_the_command_and_of_all_commands(api, path, ask):
    assert ask(path, "upkeep suspend --") == {"--all", "--reason", "--for", "--until", "--help", "--json", "--socket"}
    assert "--until" not in ask(path, "upkeep suspend --for 2h --")
    assert ask(path, "upkeep force --allow-") == {"--allow-downgrade", "--allow-major"}


@SHELLS
def test_agents_and_choices(api, path, ask):
    api.agents(agent("db"), agent("web", quarantined=["2.0.0"]), agent("web-2"))
    assert ask(path, "upkeep status ") == {"db", "web", "web-2"}
    assert ask(path, "upkeep --json rollback we") == {"web", "web-2"}
    assert ask(path, "upkeep unquarantine web ") == {"2.0.0"}
    assert ask(path, "upkeep resolve web --as ") == {"installed", "failed"}


@SHELLS
def test_files(api, path, ask):
    (path / "teleport.toml").write_text("")
    assert "teleport.toml" in ask(path, "upkeep explain --config tele")
    assert "teleport.toml" in ask(path, "upkeep config check tele")


def test_bash_completes_behind_an_equals_sign(api, path):
    assert in_bash(path, "upkeep resolve --as=in") == {"installed"}


def test_scripts_and_manual_pages_are_installed_where_they_are_looked_for(tmp_path):
    subprocess.run(["cmake", "--install", BUILD, "--prefix", "/usr"], env={**os.environ, "DESTDIR": str(tmp_path)}, check=True, stdout=subprocess.DEVNULL)
    for file in ("bash-completion/completions/upkeep", "zsh/vendor-completions/_upkeep", "fish/vendor_completions.d/upkeep.fish", "man/man1/upkeep.1.gz",
                 "man/man8/upkeepd.8.gz", "man/man5/upkeep.toml.5.gz", "man/man5/upkeep-agent.toml.5.gz"):
        assert (tmp_path / "usr/share" / file).stat().st_size > 0


def words(upkeep, *line, **environment):
    began = time.monotonic()
    answer = upkeep("complete-words", "--", *line, **environment)
    assert time.monotonic() - began < 1 or os.getloadavg()[0] > 2 * os.cpu_count(), "a person waits"
    assert (answer.status, answer.err) == (0, "")
    return {one.split("\t")[0]: one.split("\t")[1] for one in answer.out.splitlines() if "\t" in one}


def test_each_candidate_says_what_it_is(api, upkeep):
    assert words(upkeep, "sta") == {"status": "Version now, version offered, what happens next and when, or why not"}
    assert words(upkeep, "status", "") == {"web": "1.2.3-1, up_to_date"}
    assert words(upkeep, "pin", "") == {"web": "1.2.3-1, up_to_date", "1.2.3": "the target"}


@pytest.mark.parametrize("line", [["nonsense", ""], ["status", "--nonsense", ""], ["suspend", "--reason", ""], ["--", "--", "--"], [], ["status", "web", "x", "y"],
                                  ["\x1b", ""], ["a" * 100_000], ["--socket"], ["--socket", ""]])
def test_odd_lines_are_no_trouble(api, upkeep, line):
    words(upkeep, *line)


def test_without_a_daemon_there_are_no_names_and_no_noise(upkeep, tmp_path):
    assert words(upkeep, "status", "", UPKEEP_SOCKET=str(tmp_path / "none")) == {}
    assert set(words(upkeep, "", UPKEEP_SOCKET=str(tmp_path / "none"))) == TOP


def test_a_daemon_that_hangs_is_not_waited_for(upkeep, tmp_path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        assert words(upkeep, "status", "", UPKEEP_SOCKET=str(tmp_path / "s")) == {}
        assert words(upkeep, "--socket", tmp_path / "s", "status", "") == {}


def test_who_may_not_ask_gets_no_names(api, upkeep):
    api.answers["GET", "/v1/agents"] = 403, {"error": {"code": "forbidden", "message": "join the group upkeep"}}
    assert words(upkeep, "status", "") == {}


def test_a_hostile_name_is_one_harmless_line(api, upkeep):
    api.agents(agent("web\x1b[2J\n:file\t"), agent("db"))
    assert set(words(upkeep, "status", "")) == {"web [2J :file ", "db"}


def test_enable_knows_the_agents_that_are_configured_without_a_daemon(upkeep, tmp_path):
    (tmp_path / "agents.d").mkdir()
    for name in ("web.toml", "notes.txt"):
        (tmp_path / "agents.d" / name).write_text("")
    where = {"UPKEEP_SOCKET": str(tmp_path / "none"), "UPKEEP_CONFIG": str(tmp_path)}
    assert words(upkeep, "enable", "", **where) == {"web": "configured"}
    assert words(upkeep, "status", "", **where) == {}
