// SPDX-License-Identifier: Apache-2.0
#pragma once
// Everything that may wait is a coroutine on the one thread. Because g++ 12 miscompiles some co_await expressions, an
// argument of a co_awaited call is a name, a literal, std::move(name) or a function call: never a braced aggregate, a
// lambda or ?: (tests/unit/lint_test enforces it).

#include <asio/awaitable.hpp>

namespace upkeep::sdk {

template <typename T>
using Task = asio::awaitable<T>;

// Ends by cancellation only, which throws past the caller.
Task<void> never();

}  // namespace upkeep::sdk
