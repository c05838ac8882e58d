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
  if (answer->bytes.size() > most_bytes(name))
    co_return sdk::fail(Errc::invalid, place + " is longer than " + std::to_string(most_bytes(name)) + " bytes");
  File file;
  file.bytes = std::move(answer->bytes);
  file.validator = std::move(answer->validator);
  co_return Result<File>(std::move(file));
}

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

// Without what is missing, or may not be read.
sdk::Task<Result<std::vector<std::string>>> read_signatures(ObjectReader& reader, std::string origin, std::vector<std::string> key_ids) {
  std::vector<std::string> names{"release.json.minisig"};
  for (const std::string& id : key_ids) names.push_back("release.json." + id + ".minisig");
  std::vector<std::string> out;
  for (const std::string& name : names) {
    auto answer = co_await reader.read(name, "");
    if (!answer && answer.error().code == Errc::denied) continue;
    if (!answer) co_return sdk::fail(answer.error());
    if (answer->kind != ObjectAnswer::Kind::found) continue;
    if (answer->bytes.size() > most_bytes(name))
      co_return sdk::fail(Errc::invalid, origin + "/" + name + " is longer than " + std::to_string(most_bytes(name)) + " bytes");
    out.push_back(std::move(answer->bytes));
  }
  co_return Result<std::vector<std::string>>(std::move(out));
}

sdk::Task<Result<std::optional<sdk::Offer>>> load_signed(ObjectReader& reader, std::string origin, const sdk::Offer* last,
                                                         std::vector<std::string> key_ids) {
  const auto* known = last && last->origin == origin ? std::get_if<sdk::SignedOffer>(&last->body) : nullptr;
  std::optional<File> known_document;
  if (known) known_document = File{known->document, decode_cursor(last->etag).version};
  const File* before = known_document ? &*known_document : nullptr;
  auto document = co_await read_file(reader, origin, "release.json", before);
  if (!document) co_return sdk::fail(document.error());
  sdk::SignedOffer body;
  if (known && known->document == document->bytes && !known->signatures.empty()) {
    body.signatures = known->signatures;
  } else {
    auto signatures = co_await read_signatures(reader, origin, std::move(key_ids));
    if (!signatures) co_return sdk::fail(signatures.error());
    body.signatures = std::move(*signatures);
  }
  body.document = std::move(document->bytes);
  sdk::Offer offer;
  offer.origin = origin;
  offer.etag = encode({std::move(document->validator), ""});
  offer.body = std::move(body);
  if (last && offer == *last) co_return std::optional<sdk::Offer>();
  co_return std::optional<sdk::Offer>(std::move(offer));
}

}  // namespace

sdk::Task<Result<std::optional<sdk::Offer>>> load(ObjectReader& reader, std::string origin, const sdk::Offer* last, sdk::Wanted wanted) {
  if (wanted.signed_document) co_return co_await load_signed(reader, std::move(origin), last, std::move(wanted.key_ids));
  co_return co_await load_plain(reader, std::move(origin), last);
}

sdk::Task<Result<std::optional<std::string>>> load_file(ObjectReader& reader, std::string origin, std::string name) {
  auto answer = co_await reader.read(name, "");
  if (!answer) co_return sdk::fail(answer.error());
  if (answer->kind == ObjectAnswer::Kind::missing) co_return std::optional<std::string>();
  const std::string place = origin + "/" + name;
  if (answer->kind != ObjectAnswer::Kind::found)
    co_return sdk::fail(Errc::internal, place + ": the server says \"not modified\" though nothing was known of it");
  if (answer->bytes.size() > most_bytes(name))
    co_return sdk::fail(Errc::invalid, place + " is longer than " + std::to_string(most_bytes(name)) + " bytes");
  co_return std::optional<std::string>(std::move(answer->bytes));
}

}  // namespace upkeep::shared::channel
