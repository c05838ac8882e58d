// SPDX-License-Identifier: Apache-2.0
#include "core/phase.h"

#include <array>
#include <utility>

namespace upkeep::core {
namespace {

constexpr std::array<std::string_view, 10> kPhases = {"idle",    "waiting",   "preparing", "applying",    "activating",
                                                      "soaking", "reverting", "committed", "rolled_back", "stuck"};
constexpr std::array<std::string_view, 8> kResults = {"committed",  "rolled_back", "refused", "withdrawn",
                                                      "superseded", "overtaken",   "failed",  "stuck"};

using P = Phase;
constexpr std::pair<Phase, Phase> kEdges[] = {
    {P::idle, P::waiting},          {P::waiting, P::idle},        {P::waiting, P::preparing},   {P::preparing, P::applying},
    {P::preparing, P::idle},        {P::preparing, P::waiting},   {P::applying, P::activating}, {P::applying, P::waiting},
    {P::applying, P::reverting},    {P::applying, P::idle},       {P::activating, P::soaking},  {P::activating, P::reverting},
    {P::activating, P::idle},       {P::soaking, P::committed},   {P::soaking, P::reverting},   {P::soaking, P::idle},
    {P::reverting, P::rolled_back}, {P::reverting, P::stuck},     {P::committed, P::idle},      {P::rolled_back, P::idle},
    {P::stuck, P::committed},       {P::stuck, P::rolled_back},   {P::applying, P::applying},   {P::activating, P::activating},
    {P::soaking, P::soaking},       {P::reverting, P::reverting}, {P::reverting, P::idle},
};

template <typename Enum, std::size_t N>
std::optional<Enum> from(const std::array<std::string_view, N>& names, std::string_view text) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == text) return static_cast<Enum>(i);
  return std::nullopt;
}

}  // namespace

std::string_view name(Phase phase) { return kPhases.at(static_cast<std::size_t>(phase)); }
std::optional<Phase> phase_from(std::string_view text) { return from<Phase>(kPhases, text); }
std::string_view name(OperationResult result) { return kResults.at(static_cast<std::size_t>(result)); }
std::optional<OperationResult> result_from(std::string_view text) { return from<OperationResult>(kResults, text); }

bool may_go(Phase from_phase, Phase to_phase) {
  for (const auto& [a, b] : kEdges)
    if (a == from_phase && b == to_phase) return true;
  return false;
}

}  // namespace upkeep::core
