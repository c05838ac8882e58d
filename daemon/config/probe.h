// SPDX-License-Identifier: Apache-2.0
#pragma once
// One health check: its keys, which kind they belong to, and what they must be.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/keys.h"
#include "core/probe_settings.h"

namespace upkeep::config {

[[nodiscard]] std::span<const sdk::KeySpec> probe_keys();

// [[health.probe]]; `unit` is the one that a probe of a unit means which names none, empty: there is none.
void read_probe(const Section& section, const std::string& unit, std::vector<core::ProbeSettings>& out);

// A key of [health] that has the name of a kind, and is short for a probe with defaults.
void read_short_probe(const Section& health, std::string_view use, const std::string& unit, std::vector<core::ProbeSettings>& out);

}  // namespace upkeep::config
