# SPDX-License-Identifier: Apache-2.0
"""Policies of a cluster that make another image of the one that is asked for: it is refused in words, before anything is changed, as nobody
could prove what runs then."""

import pytest
from kube.webhook import ImageWebhook

REWRITES = {"another registry": lambda image: image.replace("registry.test/", "mirror.test/").replace("webhook.test/", "mirror.test/"),
            "the old one": lambda image: "registry.test/apps/web:1.2.3"}


@pytest.mark.parametrize("case", REWRITES)
def test_another_image_is_made_of_it(cluster, space, daemon, case):
    web = space.workload()
    upkeepd = daemon(web, space.account())
    upkeepd.wait_reason("up_to_date")
    webhook = ImageWebhook(cluster, space, web, REWRITES[case])
    try:
        upkeepd.release("2.3.4-badcrash")
        now = upkeepd.wait_for(lambda now: now["last_operation"], "it was tried")
        last = now["last_operation"]
        assert last["result"] == "refused"
        assert f'webhook or policy of the cluster makes it "{REWRITES[case]("registry.test/apps/web:2.3.4-badcrash")}"' in last["detail"]
        assert web.image() == "registry.test/apps/web:1.2.3" and now["quarantined"] == []
    finally:
        webhook.stop()
