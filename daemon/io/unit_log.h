// SPDX-License-Identifier: Apache-2.0
#pragma once
// The journal's last words about a unit: what it wrote itself and what systemd wrote about it. Reading needs membership in
// systemd-journal; the journal library opens without it too and then has no lines, so that is looked at first.

#include "sdk/host.h"

namespace upkeep::io {

class RealUnitLog : public sdk::UnitLog {
 public:
  sdk::Result<std::vector<sdk::UnitLine>> lines(const std::string& unit, sdk::TimePoint since, std::size_t max_lines) override;
  sdk::Result<std::string> end() override;
  sdk::Result<sdk::UnitErrorsPage> errors(const sdk::UnitErrors& wanted) override;
};

}  // namespace upkeep::io
