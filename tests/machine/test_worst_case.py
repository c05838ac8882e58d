# SPDX-License-Identifier: Apache-2.0
"""The README's table of what the user `upkeep` can do at worst, row by row: somebody has taken over the daemon's process and tries.

What packages are concerned is in test_worst_case_packages.py.
"""

import pytest
from machine.intruder import Intruder
from machine.wait import wait_until
from machine.worst_case import allowed, denied, proves

OUR_UNIT = "demo-agent.service"


@pytest.fixture
def broken_into(boot, request):
    host = boot("broken-into-" + request.node.name.replace("_", "-"))
    host.keep_up()
    return host, Intruder(host)


def test_units(broken_into):
    host, intruder = broken_into
    host.write("/etc/systemd/system/other.service", "[Service]\nExecStart=/bin/sleep infinity\n")
    host.run("systemctl daemon-reload && systemctl start other")
    other, ours = host.unit("other", "MainPID"), host.unit("demo-agent", "MainPID")

    with proves("restart, or reload, an enabled agent's unit, as often as it likes"):
        for method in ("RestartUnit", "TryRestartUnit"):
            allowed(intruder.systemd(method, "ss", OUR_UNIT, "replace"))
        wait_until("another process runs", lambda: host.unit("demo-agent", "MainPID"), lambda now: now not in ("0", ours))
        denied(intruder.systemd("ReloadUnit", "ss", OUR_UNIT, "replace"), "not applicable")     # allowed, but it has no way to reload
    with proves("start `upkeep-hold@AGENT`, `upkeep-repair@AGENT`, `upkeep-store@AGENT` and `upkeep-conffiles@AGENT` of an enabled agent, which take nothing but its name"):
        host.run("apt-mark unhold demo-agent")
        allowed(intruder.run("systemctl start upkeep-hold@demo-agent.service"))
        assert host.run("apt-mark showhold").stdout == "demo-agent\n"
        for verb in ("repair", "store", "conffiles"):
            allowed(intruder.run(f"systemctl start upkeep-{verb}@demo-agent.service"))
    with proves("start the units that an enabled agent's `[hooks]` name"):
        host.write("/etc/systemd/system/drain.service", "[Service]\nType=oneshot\nExecStart=/usr/bin/touch /run/drained\n")
        denied(intruder.run("systemctl start drain.service"))
        host.write("/etc/upkeep/agents.d/demo-agent.toml.d/hooks.toml", '[hooks.before_apply]\nunit = "drain.service"\n')
        host.cli("enable", "demo-agent")
        allowed(intruder.run("systemctl start drain.service"))
        denied(intruder.run("systemctl stop drain.service"))
        assert host.run("test -e /run/drained", check=False).returncode == 0

    with proves("start, stop, kill or change any other unit, or its agent's in any other way"):
        for unit in (OUR_UNIT, "other.service"):
            denied(intruder.systemd("StopUnit", "ss", unit, "replace"))
            denied(intruder.systemd("KillUnit", "ssi", unit, "all", 9))
            denied(intruder.systemd("SetUnitProperties", "sba(sv)", unit, 1, 1, "CPUWeight", "t", 1))
            denied(intruder.systemd("MaskUnitFiles", "asbb", 1, unit, 1, 1))
            denied(intruder.systemd("EnqueueUnitJob", "sss", unit, "stop", "replace"))
            denied(intruder.systemd("FreezeUnit", "s", unit))
        for method in ("StartUnit", "RestartUnit", "ReloadUnit", "ReloadOrRestartUnit"):
            denied(intruder.systemd(method, "ss", "other.service", "replace"))
        denied(intruder.systemd("EnableUnitFiles", "asbb", 1, "other.service", 1, 1))
        for mode in ("isolate", "replace-irreversibly"):
            intruder.systemd("StartUnit", "ss", "upkeep-hold@demo-agent.service", mode)
        assert host.unit("other", "MainPID") == other and host.unit("demo-agent", "ActiveState") == "active"
    with proves("make a unit, reload or set up the service manager"):
        for name in ("mine.service", "upkeep-hold@demo-agent.service", "upkeep-repair@demo-agent.service",
                     "upkeep-store@demo-agent.service", OUR_UNIT):
            denied(intruder.systemd("StartTransientUnit", "ssa(sv)a(sa(sv))", name, "replace", 1, "ExecStart", "a(sasb)", 1, "/bin/true",
                                    1, "true", 0, 0))
        for call in (("Reload", ""), ("Reexecute", ""), ("SetEnvironment", "as", 1, "LD_PRELOAD=/tmp/x.so"), ("SetLogLevel", "s", "emerg")):
            denied(intruder.systemd(*call))
    with proves("hand a name of its own making to a program that runs as root"):
        names = ["other-agent", "..", "../../tmp/x", "demo-agent.toml", "demo-agent\\x2f..", "demo\\x20agent", "-demo-agent", ".demo-agent",
                 "demo-agent\\x0a", "%i", "$(id)", "demo-agent;id", "d" * 64, "Demo-Agent", "dém"]
        for name in names:
            for unit in [f"upkeep-{verb}@{name}.service" for verb in ("hold", "repair", "store", "conffiles")]:
                done = intruder.systemd("StartUnit", "ss", unit, "replace")
                denied(done, "authentication", "not valid", "Invalid", "Access denied")
                # And would not have got far if it had been allowed, by a wrong rule, say.
                if name not in ("other-agent", "demo-agent.toml"):      # well-formed, but nobody enabled them
                    said = host.run(["systemctl", "start", unit], check=False)
                    assert said.returncode != 0, (unit, said)
        assert host.run("apt-mark showhold").stdout == "demo-agent\n"


def test_files_and_processes(broken_into):
    host, intruder = broken_into
    agent = host.unit("demo-agent", "MainPID")
    host.run("cp /usr/bin/id /usr/local/bin/root-id && chmod 4755 /usr/local/bin/root-id")
    assert "euid=0" in host.run("/usr/local/bin/root-id", user="upkeep").stdout, "the test's own setuid program works"

    with proves("read the logs of all units, with whatever secrets they hold, where a probe of an enabled agent reads logs"):
        assert "demo-agent" not in intruder.run("journalctl -q -u demo-agent -o cat --no-pager").stdout
        host.write("/etc/upkeep/agents.d/demo-agent.toml.d/log.toml", '[[health.probe]]\nuse = "log"\n')
        host.cli("enable", "demo-agent")
        listening = Intruder(host)
        listening.sandbox(host.read("/etc/systemd/system/upkeepd.service.d/50-upkeep-demo-agent-journal.conf").split()[-1])
        assert "demo-agent" in listening.says("journalctl -q -u demo-agent -o cat --no-pager")
    with proves("read the files that every user of the host may read"):
        allowed(intruder.run("cat /etc/passwd /etc/upkeep/agents.d/demo-agent.toml"))
    with proves("write `/var/lib/upkeep` and the API's socket: invent state, history and answers, fill that disk"):
        allowed(intruder.run("echo lie >> /var/lib/upkeep/agents/demo-agent/journal.jsonl"))
        allowed(intruder.run("head -c 10000000 /dev/zero > /var/lib/upkeep/fill && rm /var/lib/upkeep/fill"))
        allowed(intruder.run("mv /run/upkeep/control.sock /run/upkeep/real.sock && mv /run/upkeep/real.sock /run/upkeep/control.sock"))
    with proves("connect to anywhere, and listen on ports from 1024 up"):
        port = host.publisher.site.server.port
        allowed(intruder.run(f"curl -sS --cacert /etc/upkeep/demo-ca.crt {host.publisher.channels_url}/stable/version"))
        allowed(intruder.run(f"perl -MIO::Socket::INET -e 'IO::Socket::INET->new(Listen => 1, LocalPort => {port + 1}) or die $!'"))

    with proves("write anywhere else: `/etc` with its own configuration and the polkit rules, `/usr`, `/var/lib/upkeep-root`, `/var/lib/upkeep-store`"):
        for path in ("/etc/x", "/etc/upkeep/agents.d/x.toml", "/etc/upkeep/agents.d/demo-agent.toml", "/etc/polkit-1/rules.d/99-x.rules",
                     "/etc/systemd/system/x.service", "/run/systemd/system/x.service", "/usr/lib/x", "/usr/lib/upkeep/plugins/x.so",
                     "/var/lib/upkeep-root/holds/x", "/var/lib/upkeep-store/x", "/var/lib/upkeep-store/demo-agent/kept",
                     "/etc/apt/sources.list.d/x.list", "/var/lib/upkeep-root/enabled/demo-agent", "/var/lib/dpkg/status", "/root/x", "/x",
                     "/proc/sys/kernel/core_pattern", "/sys/kernel/mm/ksm/run", "/sys/fs/cgroup/cgroup.procs"):
            denied(intruder.run(f"echo x >> {path}"))
    with proves("read `/etc/shadow`, homes, or the memory of other processes"):
        for path in ("/etc/shadow", "/root/.profile", "/home/x", "/proc/1/environ", f"/proc/{agent}/environ", f"/proc/{agent}/maps",
                     f"/proc/{host.unit('upkeepd', 'MainPID')}/environ", f"/proc/{host.unit('upkeepd', 'MainPID')}/mem"):
            denied(intruder.run(["head", "-c", "10", path]))
    with proves("run a program that it has written (but any interpreter of the host, such as `sh`)"):
        for folder in ("/var/lib/upkeep", "/tmp", "/var/tmp", "/dev/shm"):
            denied(intruder.run(f"cp /bin/true {folder}/true && {folder}/true"), "Permission denied")
    with proves("become root: no setuid program, no capability, no namespace of its own"):
        assert "euid" not in intruder.says("/usr/local/bin/root-id")
        denied(intruder.run("setpriv --reuid 0 true"))
        denied(intruder.run("unshare --user --map-root-user true"))
        denied(intruder.run("chmod 4755 /var/lib/upkeep/true"))
        denied(intruder.run("chroot / true"))
    with proves("send a signal to a process of another user"):
        for process in ("1", agent):
            denied(intruder.run(f"kill -9 {process}"))
    with proves("trace, load kernel modules, mount, set the clock or the host's name, reboot"):
        for command in ("mount -t tmpfs x /tmp", "date -s 2030-01-01", "hostname x", "dmesg", "mknod /tmp/x b 8 0",
                        "timedatectl set-time 2030-01-01", "hostnamectl hostname x", "systemctl reboot", "systemctl poweroff"):
            denied(intruder.run(command), "Operation not permitted", "Permission denied", "authentication", "Access denied", "must be",
                   "Could not", "Failed to", "cannot")
        for call in ("101, 16, 1, 0, 0", "175, 0, 0, 0", "246, 0, 0, 0, 0", "250, 0, 0, 0", "310, 1, 0, 0, 0, 0, 0", "321, 0, 0, 0",
                     "425, 1, 0", "169, 0, 0, 0, 0"):
            # ptrace, init_module, kexec_load, keyctl, process_vm_readv, bpf, io_uring_setup, reboot
            assert intruder.run(f"perl -e 'exit(syscall({call}) == -1 && $! == 1 ? 7 : 0)'").returncode == 7, call
        assert host.machine.is_up()
    with proves("see or forge packets, or speak any protocol but IP and unix sockets"):
        for family, kind in ((17, 3), (16, 3), (2, 3), (31, 3), (40, 1)):    # packet, netlink, raw IP, bluetooth, vsock
            assert intruder.run(f"perl -e 'exit(socket(my $s, {family}, {kind}, 0) ? 0 : 7)'").returncode == 7, family
