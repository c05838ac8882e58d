// SPDX-License-Identifier: Apache-2.0
#include "source/s3/source.h"

#include <utility>

#include "shared/channel/loader.h"

namespace upkeep::plugins::s3 {

using namespace shared::object_store;

S3Source::S3Source(sdk::Host& host, BucketSettings settings, std::unique_ptr<Authorizer> authorizer, std::string folder,
                   sdk::Millis timeout)
    : host_(host),
      folder_(std::move(folder)),
      origin_(shown(settings.place, folder_)),
      timeout_(timeout),
      bucket_(host, std::move(settings), std::move(authorizer)) {}

sdk::Task<sdk::Result<std::optional<sdk::Offer>>> S3Source::poll(const sdk::Offer* last, const sdk::Wanted& wanted) {
  BucketReader reader(bucket_, folder_, deadline());
  co_return co_await shared::channel::load(reader, origin_, last, wanted);
}

sdk::Task<sdk::Result<std::optional<std::string>>> S3Source::get(std::string name) {
  BucketReader reader(bucket_, folder_, deadline());
  co_return co_await shared::channel::load_file(reader, origin_, std::move(name));
}

sdk::Task<sdk::Result<void>> S3Source::put(sdk::Object object) {
  const std::string key = folder_ + "/" + object.name;
  const sdk::BootTime until = deadline();
  co_return co_await bucket_.write(key, std::move(object), until);
}

}  // namespace upkeep::plugins::s3
