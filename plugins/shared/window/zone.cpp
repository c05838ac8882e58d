// SPDX-License-Identifier: Apache-2.0
#include "shared/window/zone.h"

#include <algorithm>
#include <cstdint>

namespace upkeep::shared::window {

using std::chrono::local_seconds;
using std::chrono::seconds;
using std::chrono::sys_seconds;

namespace {

constexpr std::size_t kHeader = 44;
constexpr std::uint32_t kMostChanges = 10000;  // real files have at most about 250

std::int64_t big_endian(std::string_view bytes) {
  std::uint64_t value = static_cast<signed char>(bytes[0]) < 0 ? ~std::uint64_t{0} : 0;
  for (const char c : bytes) value = (value << 8) | static_cast<unsigned char>(c);
  return static_cast<std::int64_t>(value);
}

// The counts of a header; RFC 8536 section 3.1.
struct Header {
  std::uint32_t isut, isstd, leaps, times, types, chars;

  static Header read(std::string_view bytes) {
    const auto count = [&](int i) { return static_cast<std::uint32_t>(big_endian(bytes.substr(20 + 4 * static_cast<std::size_t>(i), 4))); };
    return {count(0), count(1), count(2), count(3), count(4), count(5)};
  }
  [[nodiscard]] bool sane() const {
    return times <= kMostChanges && types > 0 && types <= 256 && chars <= 4096 && leaps <= 4096 && isut <= types && isstd <= types;
  }
  // Bytes of the block that follows, with times of that width.
  [[nodiscard]] std::size_t block(std::size_t width) const {
    return times * (width + 1) + types * 6 + chars + leaps * (width + 4) + isstd + isut;
  }
};

}  // namespace

Zone Zone::utc() { return Zone({{sys_seconds::min(), seconds(0)}}); }

sdk::Result<Zone> Zone::parse(std::string_view tzif) {
  using sdk::Errc;
  const auto header_of = [](std::string_view bytes) -> std::optional<Header> {
    if (bytes.size() < kHeader || bytes.substr(0, 4) != "TZif") return std::nullopt;
    const Header header = Header::read(bytes);
    return header.sane() ? std::optional(header) : std::nullopt;
  };
  const auto first = header_of(tzif);
  if (!first) return sdk::fail(Errc::invalid, "not a time zone file");
  if (tzif[4] < '2') return sdk::fail(Errc::invalid, "a time zone file of version 1, without 64-bit times");
  // The first block is for readers that know 32 bits only; the second one says it all.
  if (tzif.size() < kHeader + first->block(4)) return sdk::fail(Errc::invalid, "time zone file is cut off");
  tzif.remove_prefix(kHeader + first->block(4));
  const auto header = header_of(tzif);
  if (!header) return sdk::fail(Errc::invalid, "time zone file is damaged: no second header");
  if (header->leaps != 0) return sdk::fail(Errc::invalid, "time zone file counts leap seconds, which the system's clock does not");
  if (tzif.size() < kHeader + header->block(8)) return sdk::fail(Errc::invalid, "time zone file is cut off");

  const std::string_view times = tzif.substr(kHeader, header->times * std::size_t{8});
  const std::string_view indexes = tzif.substr(kHeader + times.size(), header->times);
  const std::string_view types = tzif.substr(kHeader + times.size() + indexes.size(), header->types * std::size_t{6});
  const auto offset_of = [&](std::size_t type) { return seconds(big_endian(types.substr(type * 6, 4))); };

  std::vector<OffsetChange> changes{{sys_seconds::min(), offset_of(0)}};
  for (std::size_t i = 0; i < header->times; ++i) {
    const sys_seconds at{seconds(big_endian(times.substr(i * 8, 8)))};
    const auto type = static_cast<unsigned char>(indexes[i]);
    if (type >= header->types || (i > 0 && at <= changes.back().at)) return sdk::fail(Errc::invalid, "time zone file is damaged");
    changes.push_back({at, offset_of(type)});
  }
  for (const OffsetChange& change : changes) {
    if (std::chrono::abs(change.offset) > std::chrono::hours(26))
      return sdk::fail(Errc::invalid, "time zone file is damaged: offset out of range");
  }

  std::string_view footer = tzif.substr(kHeader + header->block(8));
  if (footer.size() < 2 || footer.front() != '\n' || footer.back() != '\n') return sdk::fail(Errc::invalid, "time zone file has no footer");
  footer = footer.substr(1, footer.size() - 2);
  if (!footer.empty()) {
    if (auto done = extend_by_posix_rule(footer, changes); !done) return sdk::fail(done.error());
  }
  return Zone(std::move(changes));
}

std::size_t Zone::index_at(sys_seconds time) const {
  const auto later =
      std::upper_bound(changes_.begin() + 1, changes_.end(), time, [](sys_seconds t, const OffsetChange& change) { return t < change.at; });
  return static_cast<std::size_t>(later - changes_.begin()) - 1;
}

local_seconds Zone::to_local(sys_seconds time) const { return local_seconds(time.time_since_epoch() + changes_[index_at(time)].offset); }

sys_seconds Zone::resolve(local_seconds local) const {
  // The span of equal offset that holds the local time first: begin before all that could, end at the first whose end
  // in local time is later. In a gap that span begins after the local time, and its begin is the answer.
  const sys_seconds utc(local.time_since_epoch());
  std::size_t i = index_at(utc - std::chrono::hours(27));
  while (i + 1 < changes_.size() && utc - changes_[i].offset >= changes_[i + 1].at) ++i;
  return std::max(utc - changes_[i].offset, changes_[i].at);
}

}  // namespace upkeep::shared::window
