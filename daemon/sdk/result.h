// SPDX-License-Identifier: Apache-2.0
#pragma once
// Errors as values. An Errc says what the caller must do about it, not where it happened; the message is for people
// and gains context on the way up. Exceptions are for bugs only.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace upkeep::sdk {

// The reaction an error asks for.
enum class Errc {
  transient,    // try again later; nobody is to blame here (network, disk full, a server in trouble)
  busy,         // somebody else holds what is needed; try again soon
  denied,       // a permission or a signature is missing; a person must act
  invalid,      // the input is wrong; the same input will fail again
  unsupported,  // this cannot be done here
  timeout,      // a deadline passed; the outcome may be unknown
  cancelled,    // stopped on request
  internal,     // a bug, or something outside that broke its contract
};

struct Error {
  Error(Errc code_, std::string message_) : code(code_), message(std::move(message_)) {}

  // "context: message", same reaction.
  [[nodiscard]] Error with_context(std::string_view context) const {
    Error out(code, std::string(context) + ": " + message);
    out.retry_after = retry_after;
    return out;
  }

  Errc code;
  std::string message;
  std::optional<std::chrono::seconds> retry_after;  // when the other side named a time (Retry-After), already bounded
};

// lower_snake name of the code, as in JSON and metrics labels.
[[nodiscard]] std::string_view name(Errc code);

template <typename T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(Errc code, std::string message) {
  return tl::unexpected<Error>(Error(code, std::move(message)));
}
[[nodiscard]] inline tl::unexpected<Error> fail(const Error& error) { return tl::unexpected<Error>(error); }
[[nodiscard]] inline tl::unexpected<Error> fail(std::string_view context, const Error& error) {
  return tl::unexpected<Error>(error.with_context(context));
}

}  // namespace upkeep::sdk
