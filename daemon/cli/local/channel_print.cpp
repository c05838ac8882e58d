// SPDX-License-Identifier: Apache-2.0
#include "cli/local/channel_print.h"

#include <iostream>

#include "cli/context.h"
#include "cli/terminal.h"

namespace upkeep::cli {
namespace {

using nlohmann::json;

std::string plain_words(const json& value) { return value.is_string() ? value.get<std::string>() : json_text(value, -1); }

// A list's entries, and a table's, one a line under the other.
std::vector<std::string> lines_for(const std::string& name, const json& value) {
  if (!value.is_structured()) return {plain_words(value)};
  std::vector<std::string> out;
  for (const auto& [key, entry] : value.items()) {
    if (name == "rollout")
      out.push_back(std::to_string(entry.at("percent").get<int>()) + "% from " + plain_words(entry.at("starts")));
    else if (name == "withdrawn")
      out.push_back(plain_words(entry.at("version")) + (entry.contains("go_to") ? ", go to " + plain_words(entry.at("go_to")) : ", stay"));
    else
      out.push_back((value.is_object() ? key + " " : "") + plain_words(entry));
  }
  return out;
}

}  // namespace

json json_of(const core::Document& document) {
  json out = json::parse(core::write_document(document));
  out.erase("requires");  // follows from the rest
  if (!document.release.version) out["version"] = nullptr;
  return out;
}

void print_field(const std::string& name, const std::string& text) {
  std::string padded = "  " + name;
  padded.resize(std::max<std::size_t>(16, padded.size() + 1), ' ');
  std::cout << padded << printable(text) << "\n";
}

void print_document(const core::Document& document) {
  const auto& release = document.release;
  std::cout << Style().bold(printable(document.channel)) << ": " << (release.version ? release.version->str() : "no release")
            << (release.critical ? ", critical" : "") << "\n";
  const json fields = json_of(document);
  for (const auto& [name, value] : fields.items()) {
    if (name == "channel" || name == "version" || name == "critical") continue;
    std::string heading = name;
    for (const std::string& line : lines_for(name, value)) {
      print_field(heading, line);
      heading.clear();
    }
  }
}

void print_warnings(const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) std::cerr << "warning: " << printable(warning) << "\n";
}

}  // namespace upkeep::cli
