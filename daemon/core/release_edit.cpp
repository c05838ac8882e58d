// SPDX-License-Identifier: Apache-2.0
#include "core/release_edit.h"

#include <algorithm>

#include "sdk/text.h"

namespace upkeep::core {
namespace {

std::string shown_version(const std::optional<sdk::Version>& version) { return version ? version->str() : "none"; }

bool exactly(const std::optional<sdk::Version>& a, const std::optional<sdk::Version>& b) { return shown_version(a) == shown_version(b); }

const sdk::Withdrawn* entry_of(const sdk::Release& release, const sdk::Version& version) {
  const auto at = std::find_if(release.withdrawn.begin(), release.withdrawn.end(), [&](const auto& one) { return one.version == version; });
  return at == release.withdrawn.end() ? nullptr : &*at;
}

template <typename T, typename U>
void change(T& value, const std::optional<U>& wanted) {
  if (wanted) value = *wanted;
}

// What hosts have by now, as far as the channel says: when it offers nothing, that they have stayed at what it withdrew.
std::optional<sdk::Version> reached(const sdk::Release& release) {
  std::optional<sdk::Version> out = release.version;
  if (out) return out;
  for (const auto& one : release.withdrawn)
    if (!one.go_to && (!out || *out < one.version)) out = one.version;
  return out;
}

// Without what went with the old version.
sdk::Release carried(const sdk::Release& before, bool same_version) {
  if (same_version) return before;
  sdk::Release out;
  out.minimum_from = before.minimum_from;
  out.withdrawn = before.withdrawn;
  out.schedule = before.schedule;
  return out;
}

sdk::Result<void> check_release(const sdk::Release& release, sdk::TimePoint now) {
  const auto wrong = [](std::string what) { return sdk::fail(sdk::Errc::invalid, std::move(what)); };
  if (*release.expires <= now) return wrong("it would have expired already: " + sdk::rfc3339(*release.expires));
  if (*release.issued > now) return wrong("no host would believe it before it was issued: " + sdk::rfc3339(*release.issued));
  if (release.not_before && *release.not_before >= *release.expires)
    return wrong("nobody could upgrade: not before " + sdk::rfc3339(*release.not_before) + ", and it expires " +
                 sdk::rfc3339(*release.expires));
  if (release.version && release.minimum_from && *release.minimum_from > *release.version)
    return wrong("only hosts with " + release.minimum_from->str() + " could go to " + release.version->str() + ", which is lower");
  if (release.version && entry_of(release, *release.version) != nullptr)
    return sdk::fail(sdk::Errc::denied, release.version->str() + " was withdrawn; `withdraw --undo` takes that back");
  return {};
}

}  // namespace

sdk::Result<Document> edited(const std::string& channel, const std::optional<Document>& before, const ReleaseEdit& edit,
                             sdk::TimePoint now) {
  const sdk::Release old = before ? before->release : sdk::Release();
  if (!before && !edit.version)
    return sdk::fail(sdk::Errc::invalid, "channel " + sdk::quoted(channel) + " is new: name a version, or none");
  const auto version = edit.version.value_or(old.version);
  const bool same = before && exactly(version, old.version);
  if (!same && version && !edit.critical)
    return sdk::fail(sdk::Errc::invalid, "say whether " + version->str() + " is critical: --critical yes or --critical no");
  const auto most = reached(old);
  if (version && most && *version < *most && !edit.allow_downgrade)
    return sdk::fail(sdk::Errc::denied, version->str() + " is lower than " + most->str() + ", which the channel " +
                                            (old.version ? "offers" : "has withdrawn and hosts may have") +
                                            "; --allow-downgrade if hosts shall go back");

  Document out{.channel = channel, .release = carried(old, same)};
  if (before) out.keys = before->keys;
  auto& release = out.release;
  release.version = version;
  change(release.critical, edit.critical);
  change(release.notes_url, edit.notes_url);
  change(release.not_before, edit.not_before);
  change(release.minimum_from, edit.minimum_from);
  change(release.rollout, edit.rollout);
  change(release.schedule, edit.schedule);
  change(release.images, edit.images);
  change(release.packages, edit.packages);
  change(out.keys, edit.keys);
  if (!version) release.critical = false;
  release.serial = edit.serial.value_or(old.serial.value_or(0) + 1);
  if (old.serial && *release.serial <= *old.serial)
    return sdk::fail(sdk::Errc::denied, "serial " + std::to_string(*release.serial) + " is not higher than " + std::to_string(*old.serial) +
                                            ", which was published");
  if (*release.serial > old.serial.value_or(0) + kFarthestSerial && !edit.allow_serial_jump)
    return sdk::fail(sdk::Errc::denied, "serial " + std::to_string(*release.serial) + " is far above " +
                                            std::to_string(old.serial.value_or(0)) +
                                            ", and there is no way back; --allow-serial-jump if that is meant");
  release.issued = edit.issued;
  release.expires = edit.expires;
  if (const auto good = check_release(release, now); !good) return sdk::fail(good.error());
  return out;
}

void take_release(const sdk::Release& from, ReleaseEdit& edit) {
  edit.version = from.version;
  if (!edit.critical) edit.critical = from.critical;
  if (!edit.notes_url) edit.notes_url = from.notes_url;
  if (!edit.minimum_from && from.minimum_from) edit.minimum_from = from.minimum_from;
  if (!edit.images) edit.images = from.images;
  if (!edit.packages) edit.packages = from.packages;
}

sdk::Result<Document> withdrawn(const std::string& channel, const Document& before, const sdk::Version& version,
                                const std::optional<sdk::Version>& go_to, bool again, ReleaseEdit edit, sdk::TimePoint now) {
  Document from = before;
  auto& list = from.release.withdrawn;
  const bool known = entry_of(from.release, version) != nullptr;
  list.erase(std::remove_if(list.begin(), list.end(), [&](const auto& one) { return one.version == version; }), list.end());
  if (again) {
    if (!known) return sdk::fail(sdk::Errc::invalid, version.str() + " was not withdrawn");
    return edited(channel, from, edit, now);
  }
  if (go_to && (*go_to == version || entry_of(from.release, *go_to) != nullptr))
    return sdk::fail(sdk::Errc::invalid,
                     "hosts cannot go to " + go_to->str() + (*go_to == version ? ", which they leave" : ", which was withdrawn itself"));
  if (from.release.version && *from.release.version == version) {
    edit.version = go_to;
    edit.allow_downgrade = true;
    if (go_to && from.release.minimum_from && *from.release.minimum_from > *go_to)
      from.release.minimum_from.reset();  // it was meant for what is left
    if (!edit.critical) edit.critical = false;
  }
  list.push_back({version, go_to});
  // Nobody is sent to what is left behind.
  for (auto& one : list)
    if (one.go_to && *one.go_to == version) one.go_to = go_to;
  std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.version < b.version; });
  return edited(channel, from, edit, now);
}

bool says_more(const Document& document) {
  const auto& said = document.release;
  return document.keys || said.not_before || said.minimum_from || said.schedule || !said.notes_url.empty() || !said.rollout.empty() ||
         !said.withdrawn.empty() || !said.images.empty() || !said.packages.empty();
}

sdk::Result<std::vector<sdk::RolloutStage>> parse_rollout(std::string_view text) {
  std::vector<sdk::RolloutStage> out;
  if (text == "none") return out;
  for (const std::string_view part : sdk::split(text, ',')) {
    const std::string_view stage = sdk::trimmed(part);
    const auto wrong = [&](const std::string& what) {
      return sdk::fail(sdk::Errc::invalid, "rollout: " + sdk::quoted(stage) + ": " + what);
    };
    const auto at = stage.find("%@");
    const auto percent = sdk::parse_number(stage.substr(0, std::min(at, stage.size())));
    if (at == std::string_view::npos || !percent) return wrong("a stage is like 10%@2027-01-05T02:00:00Z");
    if (*percent < 1 || *percent > 100) return wrong("a share is from 1% to 100%");
    const auto starts = sdk::parse_rfc3339(stage.substr(at + 2));
    if (!starts) return wrong(starts.error().message);
    const sdk::RolloutStage read{*starts, static_cast<int>(*percent)};
    if (!out.empty() && (read.starts <= out.back().starts || read.percent <= out.back().percent))
      return wrong("each stage is later and larger than the one before it");
    out.push_back(read);
  }
  return out;
}

}  // namespace upkeep::core
