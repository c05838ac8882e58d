// SPDX-License-Identifier: Apache-2.0
// The lower_snake names of the sdk's small enums, as in JSON, metrics labels and messages.

#include "sdk/installer.h"
#include "sdk/plugin.h"

namespace upkeep::sdk {

std::string_view name(Errc code) {
  switch (code) {
    case Errc::transient:
      return "transient";
    case Errc::busy:
      return "busy";
    case Errc::denied:
      return "denied";
    case Errc::invalid:
      return "invalid";
    case Errc::unsupported:
      return "unsupported";
    case Errc::timeout:
      return "timeout";
    case Errc::cancelled:
      return "cancelled";
    case Errc::internal:
      return "internal";
  }
  return "internal";
}

std::string_view name(Health health) {
  switch (health) {
    case Health::unknown:
      return "unknown";
    case Health::healthy:
      return "healthy";
    case Health::unhealthy:
      return "unhealthy";
  }
  return "unknown";
}

std::string_view name(WayBackHow how) {
  switch (how) {
    case WayBackHow::none:
      return "none";
    case WayBackHow::store:
      return "store";
    case WayBackHow::repository:
      return "repository";
    case WayBackHow::image:
      return "image";
  }
  return "none";
}

std::string_view name(Topic topic) {
  switch (topic) {
    case Topic::package_manager:
      return "package_manager";
    case Topic::also_changed:
      return "also_changed";
    case Topic::differences:
      return "differences";
    case Topic::probe:
      return "probe";
    case Topic::unit_log:
      return "unit_log";
    case Topic::hook:
      return "hook";
    case Topic::stuck:
      return "stuck";
  }
  return "package_manager";
}

std::string_view name(Standing standing) {
  switch (standing) {
    case Standing::target:
      return "target";
    case Standing::baseline:
      return "baseline";
    case Standing::elsewhere:
      return "elsewhere";
    case Standing::broken:
      return "broken";
  }
  return "broken";
}

std::string_view name(Wished kind) {
  switch (kind) {
    case Wished::suspend:
      return "suspend";
    case Wished::force:
      return "force";
  }
  return "suspend";
}

std::string_view name(Happened what) {
  switch (what) {
    case Happened::started:
      return "started";
    case Happened::committed:
      return "committed";
    case Happened::rolled_back:
      return "rolled_back";
    case Happened::refused:
      return "refused";
    case Happened::failed:
      return "failed";
    case Happened::overtaken:
      return "overtaken";
    case Happened::stuck:
      return "stuck";
  }
  return "started";
}

std::string_view name(PluginKind kind) {
  switch (kind) {
    case PluginKind::source:
      return "source";
    case PluginKind::schedule:
      return "schedule";
    case PluginKind::installer:
      return "installer";
    case PluginKind::state:
      return "state";
  }
  return "source";
}

std::string_view name(KeyType type) {
  switch (type) {
    case KeyType::text:
      return "text";
    case KeyType::integer:
      return "integer";
    case KeyType::number:
      return "number";
    case KeyType::flag:
      return "flag";
    case KeyType::duration:
      return "duration";
    case KeyType::text_list:
      return "text_list";
    case KeyType::table:
      return "table";
    case KeyType::table_list:
      return "table_list";
  }
  return "text";
}

}  // namespace upkeep::sdk
