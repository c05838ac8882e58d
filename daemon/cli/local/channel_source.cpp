// SPDX-License-Identifier: Apache-2.0
#include "cli/local/channel_source.h"

#include <algorithm>
#include <filesystem>

#include "config/agent.h"
#include "engine/guard.h"
#include "sdk/text.h"

namespace upkeep::cli {
namespace {

using Table = sdk::Config::Table;

void put(Table& table, const std::string& key, std::string value) { table.insert_or_assign(key, sdk::Config(std::move(value))); }

// What the scheme says: the plugin, and the key that holds all but the channel.
struct Scheme {
  const char *beginning, *plugin, *base_key;
};
constexpr Scheme kSchemes[] = {{"s3://", "s3", "prefix"}, {"gs://", "gcs", "prefix"}, {"", "https", "url"}};

Table table_of(const ChannelPlace& place) {
  Table out;
  std::string where = tidy_place(place.where);
  const bool address = is_address(where);
  const Scheme& scheme =
      *std::find_if(std::begin(kSchemes), std::end(kSchemes), [&](const auto& one) { return where.starts_with(one.beginning); });
  put(out, "use", address ? scheme.plugin : "file");
  if (address && *scheme.beginning != '\0') {
    where.erase(0, std::string_view(scheme.beginning).size());
    put(out, "bucket", where.substr(0, where.find('/')));
    where.erase(0, where.find('/'));
  }
  const std::string end = "/" + place.channel;
  const std::size_t slash = !place.channel.empty() && where.ends_with(end) ? where.size() - end.size() : where.rfind('/');
  const std::string base = where.substr(0, std::min(slash, where.size()));
  put(out, "channel", slash == std::string::npos ? "" : where.substr(slash + 1));
  if (!address)
    put(out, "path", base.empty() ? "/" : base);
  else if (*scheme.beginning == '\0')
    put(out, "url", base);
  else if (base.size() > 1)
    put(out, "prefix", base.substr(1));
  return out;
}

// As the key's type wants it; keys that are not known are left as text, for the check to refuse.
sdk::Config value_for(const sdk::Descriptor& descriptor, const std::string& key, const std::string& text) {
  const auto spec = std::find_if(descriptor.keys.begin(), descriptor.keys.end(), [&](const auto& one) { return one.name == key; });
  const auto type = spec == descriptor.keys.end() ? sdk::KeyType::text : spec->type;
  if (type == sdk::KeyType::flag && (text == "true" || text == "false")) return sdk::Config(text == "true");
  if (const auto number = sdk::parse_number(text); type == sdk::KeyType::integer && number)
    return sdk::Config(static_cast<std::int64_t>(*number));
  if (type != sdk::KeyType::text_list) return sdk::Config(text);
  sdk::Config::Array list;
  for (const auto one : sdk::split(text, ',')) list.emplace_back(std::string(sdk::trimmed(one)));
  return sdk::Config(std::move(list));
}

sdk::Result<sdk::Offer> read_all(Offline& offline, sdk::Source& source, const sdk::Wanted& wanted) {
  auto offer = offline.wait(source.poll(nullptr, wanted));
  if (!offer) return sdk::fail(offer.error());
  if (!*offer) return sdk::fail(sdk::Errc::internal, "the source says that nothing has changed, but nothing was known");
  return std::move(**offer);
}

}  // namespace

bool is_address(const std::string& where) { return where.find("://") != std::string::npos; }

std::string tidy_place(const std::string& where) {
  std::string out = is_address(where) ? where : std::filesystem::absolute(where).lexically_normal().string();
  while (out.size() > 1 && out.ends_with('/')) out.pop_back();
  return out;
}

sdk::Result<std::unique_ptr<sdk::Source>> open_source(Offline& offline, const ChannelPlace& place) {
  Table table = table_of(place);
  const std::string use = std::get<std::string>(table.at("use").value());
  const auto descriptor = offline.registry().find(sdk::PluginKind::source, use);
  if (!descriptor) return sdk::fail(descriptor.error());
  if (!place.ca_file.empty() && is_address(place.where)) put(table, "ca_file", std::filesystem::absolute(place.ca_file).string());
  for (const std::string& option : place.options) {
    const auto equals = option.find('=');
    if (equals == 0 || equals == std::string::npos)
      return sdk::fail(sdk::Errc::invalid, "--option takes KEY=VALUE, not " + sdk::quoted(option));
    const std::string key = option.substr(0, equals);
    table.insert_or_assign(key, value_for(**descriptor, key, option.substr(equals + 1)));
  }
  const sdk::Config config(std::move(table));
  config::Issues issues;
  core::PluginUse checked;
  config::read_use(sdk::PluginKind::source, {config, "", issues}, {}, offline.lookup(), checked);
  if (!issues.empty()) return sdk::fail(sdk::Errc::invalid, issues.front().path + ": " + issues.front().message);
  return engine::make_plugin<sdk::Source>(offline.registry(), offline.host(), checked);
}

sdk::Result<sdk::Offer> read_plain(Offline& offline, sdk::Source& source) { return read_all(offline, source, {}); }

sdk::Result<sdk::Offer> read_signed(Offline& offline, sdk::Source& source, const std::vector<core::MinisignKey>& keys) {
  sdk::Wanted wanted{.signed_document = true};
  for (const auto& key : keys) wanted.key_ids.push_back(key.id);
  return read_all(offline, source, wanted);
}

}  // namespace upkeep::cli
