# SPDX-License-Identifier: Apache-2.0
"""Bad configuration: a reload keeps the old one and says what is wrong, and where; at the start it costs one agent, or stops the daemon
with 78."""

from machine.package import Package

AGENTS = "/etc/upkeep/agents.d"
MAIN = "/etc/upkeep/upkeep.toml"


def reload_fails(host, *words):
    done = host.cli("reload", check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 1 and all(word in said for word in words), said


def test_a_reload_with_a_bad_file_keeps_the_old_configuration(boot):
    host = boot("bad-reload")
    host.keep_up()
    process, good = host.unit("upkeepd", "MainPID"), host.read(f"{AGENTS}/demo-agent.toml")

    host.write(f"{AGENTS}/demo-agent.toml", good.replace("poll =", "pol ="))
    reload_fails(host, "demo-agent.toml:5", "pol", "poll")
    assert host.run("systemctl reload upkeepd", check=False).returncode != 0
    host.write(f"{AGENTS}/demo-agent.toml", good)

    original = host.read(MAIN)
    host.write(MAIN, "[control]\nsockets = 3\n")
    reload_fails(host, "upkeep.toml:2", "sockets")
    host.write(MAIN, original)

    # It still works by what it had.
    assert host.unit("upkeepd", "MainPID") == process
    host.publisher.release(Package("2.3.4"))
    host.wait_result("committed", "2.3.4")


def test_at_the_start_a_bad_agent_file_disables_that_agent_only(boot):
    host = boot("bad-agent-file")
    host.keep_up()
    host.write(f"{AGENTS}/broken.toml", "[source]\nuse = \"nothing-of-the-kind\"\n")
    host.run("systemctl restart upkeepd")
    assert host.wait_reason("config_error", "broken")["decision"]["action"] == "none"
    assert host.wait_reason("up_to_date")


def test_a_bad_main_file_stops_the_daemon_until_it_is_mended(boot):
    host = boot("bad-main-file")
    original = host.read(MAIN)
    host.write(MAIN, "[state\n")
    assert host.run("systemctl restart upkeepd", check=False).returncode != 0
    assert host.unit("upkeepd", "ExecMainStatus") == "78" and host.unit("upkeepd", "ActiveState") == "failed"
    assert "upkeep.toml:1" in host.run("journalctl -u upkeepd -o cat --no-pager").stdout
    assert host.cli("status", check=False).returncode == 4

    host.write(MAIN, original)
    host.run("systemctl start upkeepd")
    assert host.json("status") == {"agents": []}
