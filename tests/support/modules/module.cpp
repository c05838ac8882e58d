// SPDX-License-Identifier: Apache-2.0
// The smallest plugin, a schedule that is always open; tests/support/CMakeLists.txt builds it several times with one thing wrong.
#include "sdk/plugin.h"

#ifndef NAME
#define NAME "good"
#endif
#ifndef ABI
#define ABI upkeep::sdk::kPluginAbi
#endif
#ifndef SIGNATURE
#define SIGNATURE upkeep::sdk::kBuildSignature
#endif
#ifndef SYMBOL
#define SYMBOL upkeep_plugin
#endif
#ifndef KEYS
#define KEYS \
  { .name = "level", .type = upkeep::sdk::KeyType::integer, .required = true }
#endif

namespace {

using namespace upkeep;

class AlwaysOpen : public sdk::Schedule {
 public:
  [[nodiscard]] sdk::Verdict verdict(sdk::TimePoint, const sdk::Release*) const override { return {.open = true}; }
};

sdk::Result<std::unique_ptr<sdk::Schedule>> make(sdk::Host&, const sdk::Config&) { return std::make_unique<AlwaysOpen>(); }

constexpr sdk::KeySpec kKeys[] = {KEYS};

}  // namespace

extern "C" const sdk::Descriptor SYMBOL = {
    .abi = ABI, .signature = SIGNATURE, .name = NAME, .summary = "for tests", .keys = kKeys, .make = &make};
