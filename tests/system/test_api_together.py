# SPDX-License-Identifier: Apache-2.0
"""Many at once: two operators on one agent, slow and absent readers of events, idle connections."""

import json
import socket
import threading

import pytest
from daemon import NOBODY

PEOPLE = [{"uid": 0, "gid": 0}, {"uid": 4101, "gid": 4101}, {"uid": 4102, "gid": 4102}, {"uid": 4103, "gid": 4103}]


@pytest.fixture
def busy(new_daemon):
    daemon = new_daemon()
    daemon.play("web")
    text = (daemon.folder / "upkeep.toml").read_text()
    (daemon.folder / "upkeep.toml").write_text(text.replace('read_group = "nogroup"', 'admin_group = "nogroup"'))
    daemon.start()
    daemon.wait(lambda: daemon.ask("POST", "/v1/agents/web/check").json["decision"]["reason"] == "up_to_date")
    return daemon


def all_at_once(daemon, *requests):
    """requests: (person, method, path, body). Their answers, in that order; every request is sent before any answer is awaited."""
    clients = [daemon.client(groups=[NOBODY], **person) for person, *_ in requests]
    answers = [None] * len(requests)
    ready = threading.Barrier(len(requests))

    def run(i):
        ready.wait()
        answers[i] = clients[i].ask(*requests[i][1:])
    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(requests))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for client in clients:
        client.close()
    return answers


def test_contrary_words_of_several_people_end_as_the_journal_has_them(busy, description):
    """Each gets an answer; each word is in the journal once, with who said it; status is what the last of them says."""
    wishes = [("suspend", lambda i: {"reason": f"because {i}"}), ("resume", lambda i: {}), ("unpin", lambda i: {}),
              # the agent may have gone to an earlier pin meanwhile
              ("pin", lambda i: {"version": f"1.0.{i}", "allow_downgrade": True})]
    said = []
    for turn in range(6):
        requests = [(person, "POST", f"/v1/agents/web/{verb}", body(turn * 10 + n))
                    for n, person in enumerate(PEOPLE) for verb, body in wishes]
        answers = all_at_once(busy, *requests)
        for (person, method, path, body), answer in zip(requests, answers):
            description.judge(method, path, answer)
            assert answer.status == 200, answer.text
            said.append((person["uid"], path.rpartition("/")[2], body))
    written = [entry for entry in busy.journal("web") if entry["event"] in ("suspended", "resumed", "pinned", "unpinned")]
    assert [entry["seq"] for entry in busy.journal("web")] == list(range(1, len(busy.journal("web")) + 1))
    actors = lambda event: sorted(entry["fields"]["actor"].partition("uid ")[2].partition(")")[0] for entry in written if entry["event"] == event)
    for verb, event in (("suspend", "suspended"), ("pin", "pinned")):
        assert actors(event) == sorted(str(uid) for uid, one, _ in said if one == verb), "each word once, with who said it"
        wanted = {(str(uid), body.get("reason") or body.get("version")) for uid, one, body in said if one == verb}
        assert {(entry["fields"]["actor"].partition("uid ")[2].partition(")")[0], entry["fields"].get("reason") or entry["fields"].get("version"))
                for entry in written if entry["event"] == event} == wanted
    suspension = [entry for entry in written if entry["event"] in ("suspended", "resumed")][-1]
    pin = [entry for entry in written if entry["event"] in ("pinned", "unpinned")][-1]
    agent = busy.status("web")
    assert (agent["suspended"] or {}).get("reason") == suspension["fields"].get("reason")
    assert agent["pinned"] == pin["fields"].get("version")


def test_of_many_who_start_an_operation_one_does_and_the_others_are_told(busy, description):
    stream = busy.events(groups=[NOBODY], **PEOPLE[1])
    busy.file("web", "hold-apply").touch()
    busy.ask("POST", "/v1/agents/web/suspend", {"reason": "so that nothing starts by itself"})
    busy.release("2.0.0", "web")
    requests = [(person, "POST", f"/v1/agents/web/{verb}", None) for person in PEOPLE for verb in ("force", "run", "rollback")]
    answers = all_at_once(busy, *requests)
    for (_, method, path, _), answer in zip(requests, answers):
        description.judge(method, path, answer)
    started = [i for i, answer in enumerate(answers) if answer.status == 200 and answer.json["started"]]
    assert len(started) == 1, [answer.text for answer in answers]
    person, _, path, _ = requests[started[0]]
    assert path.endswith("/force"), "nothing else passes a suspension"
    assert {answer.code for answer in answers if answer.status != 200} <= {"in_operation", "refused"}
    busy.file("web", "hold-apply").unlink()
    busy.wait(lambda: stream.seen("operation_ended", agent="web"))
    operation, = busy.ask("GET", "/v1/agents/web/history").json["operations"]
    assert operation["id"] == answers[started[0]].json["operation"]
    assert operation["actor"].endswith(f"(uid {person['uid']})")
    assert len([entry for entry in busy.journal("web") if entry["event"] == "begin"]) == 1


def test_a_reader_who_does_not_read_is_dropped_and_others_miss_nothing(busy):
    quick = busy.events(uid=0, gid=0)
    slow = busy.connect()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.sendall(b"GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n")
    assert slow.recv(12) == b"HTTP/1.1 200"
    client, before = busy.client(), busy.memory("VmHWM")
    slowest = 0
    for i in range(700):
        answer = client.ask("POST", "/v1/agents/web/suspend", {"reason": f"{i} " + "x" * 1000})
        slowest = max(slowest, answer.seconds)
    busy.wait(lambda: quick.seen("suspended", reason="699 " + "x" * 1000))
    numbers = [one["reason"].partition(" ")[0] for one in quick.documents if one["event"] == "suspended"]
    assert numbers == [str(i) for i in range(700)]
    received = b""
    while not received.endswith(b"\r\n0\r\n\r\n"):  # the stream has an end
        piece = slow.recv(65536)
        assert piece, received[-300:]
        received += piece
    last = received.split(b"\r\n")[-5] + received.split(b"\r\n")[-4]
    assert b"too_slow" in received[-600:], last
    assert busy.memory("VmHWM") - before < busy.allowed(16 * 1024), "what waits for it is bounded"
    assert slowest < 1


def test_two_hundred_idle_connections_hinder_nobody(busy):
    busy.ask("GET", "/v1/agents")
    before = busy.memory()
    idle = [busy.connect() for _ in range(200)]
    answers = [busy.ask("GET", "/v1/agents") for _ in range(20)]
    assert {answer.status for answer in answers} == {200}
    assert max(answer.seconds for answer in answers) < 0.5
    assert busy.memory() - before < busy.allowed(8 * 1024), "an idle connection costs next to nothing"
    more = [busy.connect() for _ in range(400)]
    assert busy.ask("GET", "/v1/agents").status == 200, "nor do more than there are places"
    assert len(list((busy.proc / "fd").iterdir())) < 300
    for connection in idle + more:
        connection.close()


def test_readers_who_read_late_get_all_that_waited(busy):
    """Also after a siege: what waits for a reader is sent once it reads, though nothing else happens any more."""
    idle = [busy.connect() for _ in range(200)] + [busy.connect(uid=4000, gid=4000) for _ in range(300)]
    late = [busy.client() for _ in range(50)]
    for reader in late:
        reader.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.request("GET", "/v1/events")
    client = busy.client()
    for i in range(700):
        assert client.ask("POST", "/v1/agents/web/suspend", {"reason": f"no {i}"}).status == 200
    for reader in late:
        events, reasons = reader.getresponse(), []
        while "no 699" not in reasons:
            event = json.loads(events.readline())
            reasons += [event["reason"]] if event["event"] == "suspended" else []
        assert reasons == [f"no {i}" for i in range(700)]
    for connection in idle + late:
        connection.close()
