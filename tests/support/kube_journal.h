// SPDX-License-Identifier: Apache-2.0
#pragma once
// A World's journal in its cluster: the appends to it go wrong as those on a disk do, and as requests to an API server do.

#include "support/fake_world.h"
#include "support/kube_http.h"

namespace upkeep::test {

// Daemons of this World are pods, and keep their journals in ConfigMaps. Nothing is remembered for watches.
void live_in_cluster(World& world, const std::string& pod = "pod-1");
// The pod is gone with all that was on its disk, and another takes its place.
void replace_pod(World& world);

// Of the agent "demo", wherever it is kept.
std::string journal_bytes(const World& world);

// One request, which may be an append (World::writes), and go wrong as World::fault or World::kube_fault say.
sdk::Task<sdk::Result<sdk::HttpResponse>> ask_cluster(World& world, KubeHttp& http, sdk::HttpRequest request);

}  // namespace upkeep::test
