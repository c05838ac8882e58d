// SPDX-License-Identifier: Apache-2.0
#pragma once
// D-Bus messages to and from values. What arrives is outside data: depth and number of values are bounded.

#include <systemd/sd-bus.h>

#include <optional>
#include <string>

#include "sdk/bus.h"

namespace upkeep::io {

// The whole message. internal: it holds what we do not read (descriptors), or too much.
[[nodiscard]] sdk::Result<sdk::BusMessage> read_message(sd_bus_message* message);

// Appends the arguments by their signature. A variant gets the type of its value (b, x, t, d, s, as or a{sv}), unless
// that says it (sdk::BusVariant). invalid: a value does not fit its type; the message says which argument.
[[nodiscard]] sdk::Result<void> write_arguments(sd_bus_message* message, const std::string& signature, const sdk::BusArray& arguments);

// The reaction that a D-Bus error asks for; the message is "NAME: TEXT".
[[nodiscard]] sdk::Error bus_error(const std::string& name, const std::string& text);

// What a lost connection means to those who wait.
[[nodiscard]] sdk::Error lost_connection();

// nullopt: the reply is an answer. The replies that sd-bus makes up while it closes mean that the connection was lost.
[[nodiscard]] std::optional<sdk::Error> error_in(sd_bus_message* reply);

}  // namespace upkeep::io
