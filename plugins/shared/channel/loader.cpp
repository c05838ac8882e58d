// SPDX-License-Identifier: Apache-2.0
#include "shared/channel/loader.h"

#include "shared/channel/cursor.h"

namespace upkeep::shared::channel {

using sdk::Errc;
using sdk::Result;

namespace {

// One file: its bytes and validator as they are now, whether they came or are known from last time.
struct File {
  std::string bytes;
  std::string validator;
};

// `known`: the bytes and validator of last time, nullptr when there are none to compare with.
sdk::Task<Result<File>> read_file(ObjectReader& reader, std::string origin, std::string name, const File* known) {
  const std::string sent = known ? known->validator : "";
  auto answer = co_await reader.read(name, sent);
  if (!answer) co_return sdk::fail(answer.error());
  const std::string place = origin + "/" + name;
  switch (answer->kind) {
    case ObjectAnswer::Kind::missing:
      co_return sdk::fail(Errc::invalid, place + " does not exist");
    case ObjectAnswer::Kind::not_modified:
      if (sent.empty()) co_return sdk::fail(Errc::internal, place + ": the server says \"not modified\" though nothing was known of it");
      co_return Result<File>(*known);
    case ObjectAnswer::Kind::found:
      break;
  }
  if (answer->bytes.size() > kMostBytes) {
    co_return sdk::fail(Errc::invalid, place + " is longer than " + std::to_string(kMostBytes) + " bytes");
  }
  File file;
  file.bytes = std::move(answer->bytes);
  file.validator = std::move(answer->validator);
  co_return Result<File>(std::move(file));
}

}  // namespace

sdk::Task<Result<std::optional<sdk::Offer>>> load_plain(ObjectReader& reader, std::string origin, const sdk::Offer* last) {
  const auto* known = last && last->origin == origin ? std::get_if<sdk::PlainOffer>(&last->body) : nullptr;
  std::optional<File> known_version, known_critical;
  if (known) {
    Cursor cursor = decode_cursor(last->etag);
    known_version = File{known->version, std::move(cursor.version)};
    if (known->critical) known_critical = File{*known->critical, std::move(cursor.critical)};
  }

  const File* version_before = known_version ? &*known_version : nullptr;
  auto version = co_await read_file(reader, origin, "version", version_before);
  if (!version) co_return sdk::fail(version.error());
  const File* critical_before = known_critical ? &*known_critical : nullptr;
  auto critical = co_await read_file(reader, origin, "critical", critical_before);
  if (!critical && critical.error().code == Errc::cancelled) co_return sdk::fail(critical.error());

  sdk::PlainOffer plain;
  plain.version = std::move(version->bytes);
  if (critical)
    plain.critical = std::move(critical->bytes);
  else
    plain.critical_note = critical.error().message;
  sdk::Offer offer;
  offer.origin = origin;
  offer.etag = encode({std::move(version->validator), critical ? std::move(critical->validator) : ""});
  offer.body = std::move(plain);
  if (last && offer == *last) co_return std::optional<sdk::Offer>();
  co_return std::optional<sdk::Offer>(std::move(offer));
}

}  // namespace upkeep::shared::channel
