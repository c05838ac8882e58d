// SPDX-License-Identifier: Apache-2.0
#include "core/agent_state.h"

namespace upkeep::core {

sdk::Change change_to(const sdk::Installed& installed, const sdk::Version& target, const sdk::Release* release, std::string operation) {
  sdk::Change out;
  out.operation = std::move(operation);
  out.from = installed.version;
  out.target = target;
  out.downgrade = installed.release && target < *installed.release;
  if (release != nullptr && release->version == target) {
    out.images = release->images;
    out.packages = release->packages;
  }
  return out;
}

std::string OperationState::shown_to() const {
  if (!change.to.empty() || !change.target) return change.to;
  return change.target->str();
}

sdk::Change OperationState::change_back() const {
  auto out = change;
  out.from = back_to;
  return out;
}

std::optional<sdk::Version> OperationState::release_of(const std::string& exact) const {
  if (exact == change.to && !exact.empty()) return change.target;
  if (exact == change.from) return from_release;
  if (exact == back_to) return back_release;
  return sdk::release_of(exact);
}

std::string back_to(const AgentState& state, const std::string& installed) {
  const auto* last = state.last();
  if (last == nullptr) return installed;
  const bool superseded = last->result == OperationResult::superseded && last->to == installed;
  const bool nothing_done =
      (last->result == OperationResult::refused || last->result == OperationResult::failed) && last->from == installed;
  return superseded || nothing_done ? last->back_to : installed;
}

std::optional<sdk::Version> back_release(const AgentState& state, const sdk::Installed& installed) {
  return back_to(state, installed.version) == installed.version ? installed.release : state.last()->back_release;
}

std::string undoes(const AgentState& state, const std::string& installed) {
  for (auto one = state.history.rbegin(); one != state.history.rend(); ++one) {
    if (one->result == OperationResult::refused || one->result == OperationResult::failed) continue;
    const bool ours =
        (one->result == OperationResult::committed || one->result == OperationResult::overtaken) && one->to == state.last_seen;
    return ours && (installed == one->from || installed == one->back_to) ? one->target : "";
  }
  return "";
}

std::string contested(const AgentState& state, const std::string& target) {
  if (!state.undone || state.undone->target != target || state.undone->times < kContested) return "";
  return state.undone->who.empty() ? "somebody else" : state.undone->who;
}

}  // namespace upkeep::core
