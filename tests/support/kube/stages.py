# SPDX-License-Identifier: Apache-2.0
"""What the pods of a test's cluster do, as stages for KWOK, which plays their kubelets.

A container behaves by the word in the tag of its image: badpull (its image cannot be pulled), badready (runs, but is never ready), badlater
(ready for three seconds, then it crashes), any other bad… (crashes at once, again and again), slow (ready after three seconds); all others
are ready after half a second. Where an image has no tag, the pod's annotation sim/mode has the word. Facts: KWOK 0.7, whose conditions are
jq and whose templates are Go's.
"""

import json

_TAGS = '[.spec.containers[].image | sub("@.*$"; "") | split("/") | last] + [":" + (.metadata.annotations["sim/mode"] // "")] | join(" ")'
_WORDS = (("badpull", "pull"), ("badready", "unready"), ("badlater", "later"), ("bad", "crash"), ("slow", "slow"))
MODE = _TAGS + " | if " + " elif ".join(f'test(":[^ ]*{word}") then "{mode}"' for word, mode in _WORDS) + ' else "ok" end'
IS_BAD = ('or (regexMatch ":[^/]*bad" (regexReplaceAll "@.*$" $c.image "")) '
          '(contains "bad" (default "" (index (default dict $pod.metadata.annotations) "sim/mode")))')
WAITING = ".status.containerStatuses.[].state.waiting.reason"
READY = '.status.conditions.[] | select( .type == "Ready" ) | .status'
EXITED = ".status.containerStatuses.[].state.terminated.reason"
UP_UNREADY = '[.status.containerStatuses[] | select(.state.running and (.ready | not))] | if length > 0 then "yes" else "no" end'

_NOW = "{{ $now | Quote }}"
_HEAD = "{{ $now := Now }}{{ $pod := . }}\n"
# As a container runtime names an image: the repository, and the digest of the reference, or one that is made from it.
_IDS = ('  imageID: {{ printf "%s@%s" (regexReplaceAll "[:@][^/]*$" $c.image "") (regexFind "sha256:[0-9a-f]+$" $c.image | default '
        '(printf "sha256:%s" (sha256sum $c.image))) | Quote }}\n'
        '  containerID: {{ printf "containerd://%s" (sha256sum (printf "%s/%s/%v" $pod.metadata.uid $c.name $restarts)) | Quote }}\n')
_GOOD = _IDS + "  ready: true\n  started: true\n  restartCount: 0\n  state: {running: {startedAt: {{ or $pod.status.startTime $now | Quote }}}}\n"
_ENDED = f"terminated: {{exitCode: 1, reason: Error, startedAt: {_NOW}, finishedAt: {_NOW}}}"
_BEFORE = f"  lastState: {{{_ENDED}}}\n"
_LOOP = ("state: {waiting: {reason: CrashLoopBackOff, message: 'back-off restarting failed container={{ $c.name }} "
         "pod={{ $pod.metadata.name }}_{{ $pod.metadata.namespace }}'}}\n")
_UP = f"state: {{running: {{startedAt: {_NOW}}}}}\n"


def _conditions(ready):
    more = "" if ready else (", reason: ContainersNotReady, message: 'containers with unready status: "
                             "[{{ range $i, $c := .spec.containers }}{{ if $i }} {{ end }}{{ $c.name }}{{ end }}]'")
    return "".join(f"- {{type: {name}, status: \"{ready}\", lastTransitionTime: {_NOW}{more}}}\n" for name in ("Ready", "ContainersReady"))


def _containers(bad, good=None, restarts="(index $pod.status.containerStatuses $i).restartCount"):
    """The status of each container: `bad` for those with a bad tag, `good` for the others (None: bad for all)."""
    states = bad if good is None else "{{ if %s }}\n%s{{ else }}\n%s{{ end }}\n" % (IS_BAD, bad, good.replace("$restarts", "0"))
    return ("containerStatuses:\n{{ range $i, $c := .spec.containers }}{{ $restarts := int (%s) }}\n"
            "- name: {{ $c.name | Quote }}\n  image: {{ $c.image | Quote }}\n%s{{ end }}\n" % (restarts, states))


def _bad(state, phase="Running", known=True, started="false", restarts="{{ $restarts }}", count=None):
    """The status of a pod in which the containers with a bad tag are in `state`."""
    ids = _IDS if known else "  imageID: ''\n"
    container = f"{ids}  ready: false\n  started: {started}\n  restartCount: {restarts}\n{state}"
    more = {} if count is None else {"restarts": count}
    return f"{_HEAD}conditions:\n{_conditions(False)}{_containers(container, _GOOD, **more)}phase: {phase}\n"


def _waits(reason, message):
    return _bad(f"  state: {{waiting: {{reason: {reason}, message: '{message}'}}}}\n", phase="Pending", known=False, restarts="0")


def _created():
    done = "".join(f'- {{type: {name}, status: "True", lastTransitionTime: {_NOW}}}\n' for name in ("PodReadyToStartContainers", "Initialized"))
    starting = "  imageID: ''\n  ready: false\n  started: false\n  restartCount: 0\n  state: {waiting: {reason: ContainerCreating}}\n"
    address = ('{{ PodIPWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) ( or .metadata.name "" ) '
               '( or .metadata.namespace "" ) | Quote }}')
    return (f"{_HEAD}conditions:\n{done}{_conditions(False)}{_containers(starting, restarts='0')}"
            f"hostIP: {{{{ NodeIPWith .spec.nodeName | Quote }}}}\npodIP: {address}\nphase: Pending\nstartTime: {_NOW}\n")


def _is(key, *values):
    return {"key": key, "operator": "In", "values": list(values)}


def _there(key, there=True):
    return {"key": key, "operator": "Exists" if there else "DoesNotExist"}


def _stage(name, when, milliseconds, status=None, event=None, live=True):
    after = {"delete": True} if status is None else {"statusTemplate": status}
    if event:
        after["event"] = {"type": "Warning", "reason": event[0], "message": event[1]}
    deleted = _there(".metadata.deletionTimestamp", not live)
    return {"apiVersion": "kwok.x-k8s.io/v1alpha1", "kind": "Stage", "metadata": {"name": name},
            "spec": {"resourceRef": {"apiGroup": "v1", "kind": "Pod"}, "selector": {"matchExpressions": [deleted, *when]},
                     "delay": {"durationMilliseconds": milliseconds}, "next": after}}


def stages():
    """Documents of YAML, which JSON is."""
    starting = _is(WAITING, "ContainerCreating")
    good = f"{_HEAD}conditions:\n{_conditions(True)}{_containers(_GOOD)}phase: Running\n"
    crash = _bad(f"  state: {{{_ENDED}}}\n")
    loops = _is(MODE, "crash", "later")
    made = [
        _stage("created", [_there(".status.podIP", False)], 100, _created()),
        _stage("ready", [starting, _is(MODE, "ok", "later")], 400, good),
        _stage("slowly-ready", [starting, _is(MODE, "slow")], 3000, good),
        _stage("pull", [starting, _is(MODE, "pull")], 400, _waits("ErrImagePull", "manifest for {{ $c.image }} not found"),
               ("Failed", "Error: ErrImagePull")),
        _stage("pull-again", [_is(WAITING, "ErrImagePull"), _is(MODE, "pull")], 1000,
               _waits("ImagePullBackOff", 'Back-off pulling image "{{ $c.image }}"')),
        _stage("unready", [starting, _is(MODE, "unready")], 400, _bad(f"  {_UP}", started="true", restarts="0")),
        _stage("crash", [starting, _is(MODE, "crash")], 400, crash),
        _stage("crash-later", [_is(READY, "True"), _is(MODE, "later")], 3000, crash),
        _stage("crash-again", [_is(READY, "False"), _is(UP_UNREADY, "yes"), loops], 500, crash),
        _stage("back-off", [_is(EXITED, "Error"), loops], 300, _bad(_BEFORE + f"  {_LOOP}"), ("BackOff", "Back-off restarting failed container")),
        _stage("restart", [_is(WAITING, "CrashLoopBackOff"), loops], 2000,
               _bad(_BEFORE + f"  {_UP}", count="add1 (index $pod.status.containerStatuses $i).restartCount")),
        _stage("gone", [_there(".metadata.finalizers", False)], 300, live=False),
    ]
    return "---\n".join(json.dumps(stage) + "\n" for stage in made)
