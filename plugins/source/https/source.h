// SPDX-License-Identifier: Apache-2.0
#pragma once
// One poll is two conditional GETs, one after the other on the same connection, under one deadline and with the same
// credentials, which go to the configured server and to no other.

#include <optional>
#include <string>

#include "sdk/host.h"
#include "sdk/source.h"
#include "source/https/credentials.h"

namespace upkeep::plugins::https {

struct Settings {
  std::string base;                  // "https://host/v1/stable/cloud"
  std::string ca_file;               // empty: the system's trust store
  std::optional<std::string> proxy;  // nullopt: from the environment; "": none
  CredentialFiles credentials;
  sdk::Millis timeout;  // of a poll, both files together
};

class HttpsSource final : public sdk::Source {
 public:
  HttpsSource(sdk::Host& host, Settings settings) : host_(host), settings_(std::move(settings)) {}
  sdk::Task<sdk::Result<std::optional<sdk::Offer>>> poll(const sdk::Offer* last, const sdk::Wanted& wanted) override;
  [[nodiscard]] std::string origin() const override { return settings_.base; }

 private:
  sdk::Host& host_;
  Settings settings_;
};

}  // namespace upkeep::plugins::https
