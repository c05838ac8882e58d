# SPDX-License-Identifier: Apache-2.0
"""Journals as upkeepd writes them (daemon/core/journal_format.h), so that a test can begin in any state."""

import hashlib
import json

BOOT = "00000000-0000-4000-8000-000000000000"  # another boot than this one
TIME = "2026-01-02T03:04:{:02}Z"


def line(sequence, event, operation, fields):
    head = json.dumps({"schema": 1, "by": "test", "seq": sequence, "time": TIME.format(sequence), "boot": BOOT, "boot_ms": sequence,
                       "op": operation, "event": event, "fields": fields})[:-1]
    return f'{head},"sum":"{hashlib.sha256(head.encode()).hexdigest()[:16]}"}}\n'


def write(folder, agent, *entries):
    """entries: (event, operation, fields)."""
    path = folder / "state/agents" / agent / "journal.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(line(i + 1, *entry) for i, entry in enumerate(entries)))
    return path


def begun(operation, frm="1.0.0-1", target="2.0.0", actor="root (uid 0)"):
    settings = {"installer": {"use": "play", "config": {"folder": "play/none"}}, "probes": [], "soak_ms": 0, "revert_deadline_ms": 1000}
    yield "begin", operation, {"from": frm, "back_to": frm, "target": target, "reason": "window_open", "actor": actor, "downgrade": False,
                               "settings": settings}
    yield "phase", operation, {"phase": "applying", "detail": f"play {frm} -> {target}-1", "to": f"{target}-1", "baseline": []}


def committed(operation, **more):
    yield from begun(operation, **more)
    yield "phase", operation, {"phase": "activating", "detail": "it is installed", "before_restart": {}}
    yield "phase", operation, {"phase": "soaking", "detail": "for 0s"}
    yield "end", operation, {"result": "committed", "phase": "committed", "detail": "healthy", "counted": False}


def reverting(operation, **more):
    yield from begun(operation, **more)
    yield "phase", operation, {"phase": "reverting", "detail": "it broke", "result": "rolled_back", "quarantine": {"version": "2.0.0"}}


def rolled_back(operation, **more):
    yield from reverting(operation, **more)
    yield "end", operation, {"result": "rolled_back", "phase": "rolled_back", "detail": "it broke", "counted": False}


def stuck(operation, **more):
    yield from reverting(operation, **more)
    yield "end", operation, {"result": "stuck", "phase": "stuck", "detail": "it broke; going back failed", "counted": False}
