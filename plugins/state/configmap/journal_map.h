// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a journal's ConfigMap looks like: read without trusting it, for people can edit it.

#include <string>

#include "shared/kube/api.h"
#include "shared/kube/json.h"

namespace upkeep::plugins::configmap {

namespace kube = shared::kube;

[[nodiscard]] kube::Json empty_map(const kube::Resource& where);

// The journal's lines; "" when there is none. Errc::invalid: it is none that was written here: longer than `most`, or kept as bytes
// that are no UTF-8 (binaryData).
[[nodiscard]] sdk::Result<std::string> journal_of(const kube::Json& map, std::size_t most);
void set_journal(kube::Json& map, std::string bytes);
[[nodiscard]] bool same_journal(const kube::Json& a, const kube::Json& b);

// Whose writes count; "" before anybody's did.
[[nodiscard]] std::string signature_of(const kube::Json& map);
void sign_map(kube::Json& map, const std::string& signature);

// What stands there as a journal is moved to that key; the oldest that were moved so before are dropped when there is no room for them and
// a new journal. Errc::invalid: there is no room even so.
[[nodiscard]] sdk::Result<void> move_journal(kube::Json& map, const std::string& key);
inline constexpr const char* kAside = "damaged-";  // such keys begin with it

}  // namespace upkeep::plugins::configmap
