# SPDX-License-Identifier: Apache-2.0
"""The installed root helper on a real host: it takes a verb and a name, and believes nothing that somebody else could have written."""

HELPER = "/usr/libexec/upkeep/upkeep-root"
AGENT_FILE = "/etc/upkeep/agents.d/demo-agent.toml"
RULE = "/etc/polkit-1/rules.d/50-upkeep-demo-agent.rules"
HOLD, ENABLED = "/var/lib/upkeep-root/holds/demo-agent", "/var/lib/upkeep-root/enabled/demo-agent"

NAMES = ["", ".", "..", "../demo-agent", "demo-agent/", "/etc/passwd", "demo agent", "demo\nagent", "-h", "--help", ".hidden", "%i", "%2e%2e",
         "$(touch /x)", "`id`", "a;b", "a|b", "a&b", "'", '"', "\\x2d", "demo\\x2dagent", "dém", "\u202eagent", "d" * 64, "d" * 255, "d" * 4096]

# What its file, or the way to it, is turned into → the words of the refusal.
TRAPS = {
    "a link": ("mv {f} /etc/upkeep/real && ln -s /etc/upkeep/real {f}", "symbolic link"),
    "a dangling link": ("rm {f} && ln -s /nowhere {f}", "symbolic link"),
    "a link to what it may not show": ("rm {f} && ln -s /etc/shadow {f}", "symbolic link"),
    "a folder that is a link": ("mv /etc/upkeep/agents.d /etc/upkeep/real && ln -s real /etc/upkeep/agents.d", "agents.d: a symbolic link"),
    "a folder above that is a link": ("mv /etc/upkeep /etc/upkeep-real && ln -s upkeep-real /etc/upkeep", "/etc/upkeep: a symbolic link"),
    "a file of the daemon's user": ("chown upkeep {f}", "belongs to uid"),
    "a second name of the daemon's own file": ("rm {f} && install -o upkeep /dev/null /etc/mine && ln /etc/mine {f}", "belongs to uid"),
    "a folder of the daemon's user": ("chown upkeep /etc/upkeep/agents.d", "agents.d: belongs to uid"),
    "a file that a group may write": ("chmod g+w {f}", "may be written by others"),
    "a folder that a group may write": ("chmod g+w /etc/upkeep/agents.d", "agents.d: may be written by others"),
    "a folder above that all may write": ("chmod 1777 /etc/upkeep", "/etc/upkeep: may be written by others"),
    "a pipe": ("rm {f} && mkfifo {f}", "not a regular file"),
    "a device": ("rm {f} && mknod {f} c 1 5", "not a regular file"),
    "a folder": ("rm {f} && mkdir {f}", "not a regular file"),
    "a huge file": ("truncate -s 10G {f}", "longer than"),
    "garbage": ("head -c 20000 /dev/urandom > {f}", "demo-agent.toml:"),
    "nothing": ("rm {f}", "No such file"),
    "a drop-in that is a link": ("mkdir {f}.d && ln -s {f} {f}.d/1.toml", "1.toml: a symbolic link"),
    "drop-ins of somebody else": ("mkdir {f}.d && chown upkeep {f}.d", "belongs to uid"),
}


def helper(host, *words):
    return host.run([HELPER, *words], check=False, timeout=20)


def test_a_verb_and_a_name(boot):
    host = boot("root-words")
    host.configure()
    before = host.run("find /etc /var/lib/upkeep-root -newer " + AGENT_FILE, check=False).stdout
    for verb in ("enable", "disable", "hold", "repair", "store", "conffiles"):
        for name in NAMES:
            done = helper(host, verb, name)
            assert done.returncode == 2 and len(done.stderr) < 300, (verb, name, done)
        assert helper(host, verb).returncode == 2
        assert helper(host, verb, "demo-agent", "more").returncode == 2
        assert verb == "enable" or helper(host, verb, "demo-agent", "--no-hold").returncode == 2
    for words in ([], [""], ["--help"], ["remove", "demo-agent"], ["Enable", "demo-agent"], ["enable\n", "demo-agent"]):
        assert helper(host, *words).returncode == 2
    assert host.run("find /etc /var/lib/upkeep-root -newer " + AGENT_FILE, check=False).stdout == before


def test_a_file_that_somebody_else_could_have_made_is_refused(boot):
    host = boot("root-traps")
    host.configure()
    host.run("mkdir /keep && cp -a /etc/upkeep /keep/")
    secret = host.read("/etc/shadow").splitlines()[0]
    for name, (trap, words) in TRAPS.items():
        host.run("rm -rf /etc/upkeep /etc/upkeep-real /etc/mine && cp -a /keep/upkeep /etc/")
        host.run(trap.format(f=AGENT_FILE))
        done = helper(host, "enable", "demo-agent")
        assert done.returncode == 1 and words in done.stderr, (name, done)
        assert secret not in done.stdout + done.stderr, f"{name}: it shows what is in the file"
        assert host.run(["test", "-e", RULE], check=False).returncode == 1, name
    host.run("rm -rf /etc/upkeep && cp -a /keep/upkeep /etc/")
    assert helper(host, "enable", "demo-agent").returncode == 0


def test_a_record_that_somebody_else_could_have_made_is_refused(boot):
    host = boot("root-records")
    host.configure()
    host.cli("enable", "demo-agent")
    host.run("apt-mark unhold demo-agent && mv /var/lib/upkeep-root /var/lib/upkeep/stolen && ln -s upkeep/stolen /var/lib/upkeep-root")
    for verb in ("hold", "repair"):
        assert host.run(f"systemctl start upkeep-{verb}@demo-agent", check=False).returncode != 0
        assert "upkeep-root: a symbolic link" in host.run(f"journalctl -u upkeep-{verb}@demo-agent -o cat --no-pager").stdout
    assert host.run("apt-mark showhold").stdout == ""


def test_nothing_of_whoever_starts_it_counts(boot):
    host = boot("root-inherited")
    host.configure()
    host.cli("enable", "demo-agent")
    wanted = host.read(RULE)
    # Without standard streams, with a mask that lets all write, with children that nobody may wait for: the same files as ever.
    for start in (f"{HELPER} enable demo-agent <&- >&- 2>&-", f"umask 0; {HELPER} enable demo-agent", f"umask 777; {HELPER} enable demo-agent",
                  f"perl -e '$SIG{{CHLD}} = q(IGNORE); exec @ARGV' {HELPER} enable demo-agent", f"cd /tmp; exec {HELPER} enable demo-agent 7</etc/shadow"):
        host.run(f"rm -rf {RULE} /var/lib/upkeep-root; apt-mark unhold demo-agent")
        host.run(start)
        assert host.read(RULE) == wanted and host.read(HOLD) == "demo-agent\n", start
        modes = host.run(["stat", "-c", "%a", RULE, HOLD, ENABLED, "/var/lib/upkeep-root", "/var/lib/upkeep-root/holds"]).stdout.split()
        assert modes == ["644", "644", "644", "755", "755"], (start, modes)
    # Nor does the environment, which would lead apt elsewhere.
    host.run("apt-mark unhold demo-agent")
    host.write("/tmp/apt.conf", 'Dir::State::status "/tmp/none"; Dir::Bin::dpkg "/bin/false";\n')
    host.run(["env", "APT_CONFIG=/tmp/apt.conf", "PATH=/tmp", "DPKG_ADMINDIR=/tmp", HELPER, "hold", "demo-agent"])
    assert host.run("apt-mark showhold").stdout == "demo-agent\n"
