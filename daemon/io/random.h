// SPDX-License-Identifier: Apache-2.0
#pragma once
// The kernel's random generator.

#include "sdk/host.h"

namespace upkeep::io {

class RealRandom : public sdk::Random {
 public:
  double unit() override;
  std::string hex(std::size_t digits) override;
};

}  // namespace upkeep::io
