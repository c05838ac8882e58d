// SPDX-License-Identifier: Apache-2.0
#pragma once
// One bucket of an object store that speaks S3, for as long as its source lives: what was learnt of it (its region) and of who asks is
// kept between polls. A redirect is never followed: it is signed anew for the region that the server names, once, or it is an error.

#include <memory>
#include <optional>
#include <string>

#include "sdk/host.h"
#include "sdk/source.h"
#include "shared/channel/object_reader.h"
#include "shared/object_store/authorizer.h"
#include "shared/object_store/place.h"

namespace upkeep::shared::object_store {

struct BucketSettings {
  Place place;
  std::string ca_file;               // empty: the system's trust store
  std::optional<std::string> proxy;  // nullopt: from the environment; "": none
};

class Bucket {
 public:
  // Without an authorizer requests are anonymous.
  Bucket(sdk::Host& host, BucketSettings settings, std::unique_ptr<Authorizer> authorizer)
      : host_(host), settings_(std::move(settings)), authorizer_(std::move(authorizer)) {}

  // As ObjectReader::read. Errors: transient (in trouble, SlowDown; with retry_after), denied (the store's own code, the clock),
  // invalid (no such bucket, an answer that is none), and those of the authorizer.
  sdk::Task<sdk::Result<channel::ObjectAnswer>> read(std::string key, std::string validator, sdk::BootTime deadline);
  // Writes the whole object or nothing.
  sdk::Task<sdk::Result<void>> write(std::string key, sdk::Object object, sdk::BootTime deadline);

  [[nodiscard]] const Place& place() const { return settings_.place; }

 private:
  sdk::Task<sdk::Result<sdk::HttpResponse>> exchange(sdk::HttpRequest request, std::string key, sdk::BootTime deadline);
  bool use_region_of(const sdk::HttpResponse& response);

  sdk::Host& host_;
  BucketSettings settings_;
  std::unique_ptr<Authorizer> authorizer_;
};

// The files of one channel, for one poll: `folder` is the key's beginning, without a slash at its end.
class BucketReader final : public channel::ObjectReader {
 public:
  BucketReader(Bucket& bucket, std::string folder, sdk::BootTime deadline)
      : bucket_(bucket), folder_(std::move(folder)), deadline_(deadline) {}
  sdk::Task<sdk::Result<channel::ObjectAnswer>> read(std::string name, std::string validator) override;

 private:
  Bucket& bucket_;
  std::string folder_;
  sdk::BootTime deadline_;
};

}  // namespace upkeep::shared::object_store
