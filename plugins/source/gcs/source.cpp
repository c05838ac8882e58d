// SPDX-License-Identifier: Apache-2.0
#include "source/gcs/source.h"

#include "shared/channel/loader.h"
#include "shared/object_store/signing_authorizer.h"
#include "source/gcs/bearer.h"
#include "source/gcs/hmac_keys.h"

namespace upkeep::plugins::gcs {

using shared::object_store::Authorizer;
using shared::object_store::Bucket;

namespace {

constexpr const char* kReadScope = "https://www.googleapis.com/auth/devstorage.read_only";
constexpr const char* kWriteScope = "https://www.googleapis.com/auth/devstorage.read_write";

}  // namespace

GcsSource::GcsSource(sdk::Host& host, Settings settings) : host_(host), settings_(std::move(settings)), reading_(bucket(kReadScope)) {}

std::unique_ptr<Bucket> GcsSource::bucket(const std::string& scope) const {
  std::unique_ptr<Authorizer> who;
  if (settings_.credentials == Credentials::tokens) who = std::make_unique<BearerAuthorizer>(host_, settings_.tokens, scope);
  if (settings_.credentials == Credentials::hmac)
    who = std::make_unique<shared::object_store::SigningAuthorizer>(host_, std::make_unique<HmacKeys>(host_, settings_.hmac_file));
  return std::make_unique<Bucket>(host_, settings_.bucket, std::move(who));
}

std::string GcsSource::origin() const { return "gs://" + settings_.bucket.place.bucket + "/" + settings_.folder; }

sdk::Task<sdk::Result<std::optional<sdk::Offer>>> GcsSource::poll(const sdk::Offer* last, const sdk::Wanted& wanted) {
  shared::object_store::BucketReader reader(*reading_, settings_.folder, host_.clock().boot_now() + settings_.timeout);
  co_return co_await shared::channel::load(reader, origin(), last, wanted);
}

sdk::Task<sdk::Result<std::optional<std::string>>> GcsSource::get(std::string name) {
  shared::object_store::BucketReader reader(*reading_, settings_.folder, host_.clock().boot_now() + settings_.timeout);
  co_return co_await shared::channel::load_file(reader, origin(), std::move(name));
}

sdk::Task<sdk::Result<void>> GcsSource::put(sdk::Object object) {
  if (!writing_) writing_ = bucket(kWriteScope);
  const std::string key = settings_.folder + "/" + object.name;
  const sdk::BootTime deadline = host_.clock().boot_now() + settings_.timeout;
  co_return co_await writing_->write(key, std::move(object), deadline);
}

}  // namespace upkeep::plugins::gcs
