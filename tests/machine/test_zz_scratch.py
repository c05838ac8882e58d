import sys
sys.path.insert(0, "/work/wt/store/tests/support"); sys.path.insert(0, "/work/wt/store/tests/machine")

from machine.package import Package

def test_root(boot):
    host = boot("scratch")
    host.configure()
    d = host.run(["/usr/libexec/upkeep/upkeep-root", "enable", "demo-agent"], check=False)
    print(d.stdout[-2500:], d.stderr)
    print(host.run("find /var/lib/upkeep-store -type f -o -type l | xargs ls -la; cat /var/lib/upkeep-store/demo-agent/*; ls -la /etc/apt/sources.list.d; ls -la /var/lib/apt/lists; apt-cache policy demo-agent; cat /var/lib/upkeep-store/demo-agent/*/source", check=False).stdout)
    d = host.run("systemctl start upkeep-store@demo-agent; journalctl -o cat --no-pager -u upkeep-store@demo-agent; systemd-analyze security --no-pager upkeep-store@demo-agent | tail -1;systemd-analyze security --no-pager upkeep-conffiles@demo-agent | tail -1; systemctl start upkeep-conffiles@demo-agent; journalctl -o cat --no-pager -u upkeep-conffiles@demo-agent; find /var/lib/upkeep-root -type f | xargs tail; apt-get update", check=False)
    print(d.stdout, d.stderr)
    host.run("rm -rf /var/lib/upkeep-store/demo-agent/[0-9]*")
    d = host.run("systemctl start upkeep-store@demo-agent; journalctl -o cat --no-pager -u upkeep-store@demo-agent| tail -20; apt-get update", check=False)
    print(d.stdout, d.stderr)
    assert 0
