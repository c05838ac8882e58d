# SPDX-License-Identifier: Apache-2.0
"""--help of every command, and what is said of a wrong command line."""

import pytest
from conftest import BUILD  # noqa: F401  (puts tests/support on the path)

COMMANDS = ["status", "history", "events", "version", "check", "dry-run", "schedule", "schedule show", "channel", "channel show", "channel verify", "channel init", "channel set",
            "channel promote", "channel withdraw", "channel sign", "channel keygen", "channel push", "store", "store show", "run", "force",
            "rollback", "suspend", "resume", "pin", "unpin", "unquarantine", "resolve", "forget", "reload", "config", "config check", "config keys",
            "explain", "enable", "disable"]


def commands_in(help_text):
    """The names listed below the headings of commands."""
    body = help_text[:help_text.index("Examples:")]
    headings = ("Look:", "Upgrade and go back:", "Steer:", "Publish:", "Set up:", "Subcommands:")
    names, inside = [], False
    for line in body.splitlines():
        if not line.startswith(" "):
            inside = line in headings
        elif inside and line[2] != " ":
            names.append(line.split()[0])
    return names


def test_the_list_above_is_whole(upkeep):
    top = commands_in(upkeep("--help").out)
    nested = [f"{name} {inner}" for name in ("schedule", "channel", "store", "config") for inner in commands_in(upkeep(name, "--help").out)]
    assert sorted(top + nested) == sorted(COMMANDS)


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_command_has_help_with_examples_of_its_own_in_80_columns(upkeep, command):
    answer = upkeep(*command.split(), "--help")
    assert (answer.status, answer.err) == (0, "")
    examples = answer.out[answer.out.index("Examples:\n"):].splitlines()[1:]
    assert examples[0].removeprefix("  sudo ").strip().startswith(f"upkeep {command}".strip())
    assert not [line for line in answer.out.splitlines() if len(line) > 80 and not line.startswith("  upkeep ")]
    assert "--json" in answer.out and "--socket FILE" in answer.out
    assert "complete-words" not in answer.out and "fill-manual" not in answer.out


def test_options_show_what_they_take(upkeep):
    out = upkeep("suspend", "--help").out
    for option in ("--reason TEXT", "--for DURATION", "--until TIME", "--all"):
        assert f"  {option}" in out
    assert "(required)" in out
    assert "--as installed|failed" in upkeep("resolve", "--help").out


@pytest.mark.parametrize("words, says, helps", [
    (["stauts"], "'stauts' is no command; did you mean `status`?", "upkeep --help"),
    (["--json", "rolback"], "'rolback' is no command; did you mean `rollback`?", "upkeep --help"),
    (["schedule", "shwo"], "'shwo' is no command; did you mean `show`?", "upkeep schedule --help"),
    (["frobnicate"], "'frobnicate' is no command\n", "upkeep --help"),
    (["force", "--alow-major"], "upkeep force has no option --alow-major; did you mean `--allow-major`?", "upkeep force --help"),
    (["status", "--jsno"], "upkeep status has no option --jsno; did you mean `--json`?", "upkeep status --help"),
    (["suspend"], "--reason is required", "upkeep suspend --help"),
    (["config"], "upkeep config what? There is: check, keys", "upkeep config --help"),
    ([], "a command is missing", "upkeep --help"),
])
def test_wrong_usage_says_what_was_meant_and_where_the_help_is(upkeep, words, says, helps):
    answer = upkeep(*words)
    assert answer.status == 2
    assert says in answer.err
    assert answer.err.endswith(f"\nTry `{helps}`.\n")


def test_with_json_wrong_usage_is_a_document_too(upkeep):
    answer = upkeep("suspend", "--json")
    assert answer.status == 2
    assert answer.json == {"error": {"code": "invalid", "message": "--reason is required"}}
