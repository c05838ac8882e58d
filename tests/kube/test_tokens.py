# SPDX-License-Identifier: Apache-2.0
"""The service account's token is replaced under the daemon, as kubelets do, and may have expired."""

from kube.client import Client
from machine.wait import wait_until


def test_rotation(space, daemon):
    """The token that it began with dies; from then on requests carry the new one."""
    web = space.workload()
    account = space.account()
    account.mount(account.signed_token(20))
    upkeepd = daemon(web, account)
    upkeepd.wait_reason("up_to_date")
    account.mount(account.request_token())
    upkeepd.release("2.3.4")
    upkeepd.wait_result("committed", "2.3.4")
    asked = len(account.requests())
    upkeepd.release("2.3.5")
    upkeepd.wait_result("committed", "2.3.5")
    refused = [one for one in account.requests(asked) if one["responseStatus"]["code"] == 401]
    assert not refused


def test_expired(space, daemon):
    """It says so, and goes on as soon as there is a good token, without a restart."""
    web = space.workload()
    account = space.account()
    good = (account.folder / "token").read_text()
    account.mount(account.signed_token(-60))
    upkeepd = daemon(web, account, version="2.3.4")
    now = upkeepd.wait_for(lambda now: "401" in str(now) or "Unauthorized" in str(now), "it says that the token is not taken")
    assert good not in upkeepd.log and (account.folder / "token").read_text() not in upkeepd.log + str(now)
    account.mount(good)
    upkeepd.cli("check")
    upkeepd.wait_result("committed", "2.3.4", seconds=120)


def test_expires_in_the_middle(cluster, space, daemon, faulty):
    """The token dies during the rollout, and its successor comes a little later."""
    web = space.workload()
    account = space.account()
    token = account.signed_token(6)
    account.mount(token)
    gate = faulty.hold("PATCH", r"/deployments/web(?!.*dryRun)", done=True)
    upkeepd = daemon(web, account, port=faulty.port, version="2.3.4")
    gate.wait()
    client = Client(cluster.port, cluster.authority, token)
    wait_until("the token has expired", lambda: client.ask("GET", "/api").status, lambda status: status == 401)
    gate.open()
    wait_until("a request was refused", lambda: [one for one in faulty.exchanges if one.status == 401], seconds=30)
    account.mount(account.request_token())
    upkeepd.wait_result("committed", "2.3.4", seconds=120)
    assert web.tag() == "2.3.4"
