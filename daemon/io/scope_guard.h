// SPDX-License-Identifier: Apache-2.0
#pragma once
// Runs a function when the scope ends, however it ends: cancelled coroutines clean up with it.

#include <utility>

namespace upkeep::io {

template <typename Function>
class ScopeGuard {
 public:
  explicit ScopeGuard(Function function) : function_(std::move(function)) {}
  ~ScopeGuard() { function_(); }
  ScopeGuard(const ScopeGuard&) = delete;
  ScopeGuard& operator=(const ScopeGuard&) = delete;

 private:
  Function function_;
};

}  // namespace upkeep::io
