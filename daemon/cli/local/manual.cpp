// SPDX-License-Identifier: Apache-2.0
#include "cli/local/manual.h"

#include <CLI/App.hpp>
#include <algorithm>
#include <istream>
#include <ostream>
#include <sstream>

#include "cli/local/keys.h"
#include "cli/local/offline.h"
#include "cli/tree.h"

namespace upkeep::cli {
namespace {

// Text that roff takes as it stands.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  return out.starts_with('.') || out.starts_with('\'') ? "\\&" + out : out;
}

// One argument of a macro.
std::string argument(const std::string& text) {
  std::string out = "\"";
  for (const char c : escaped(text)) out += c == '"' ? std::string("\\(dq") : std::string(1, c);
  return out + "\"";
}

// A sentence on a line of its own, as mdoc wants it.
std::string sentence(const std::string& text) {
  std::string out = escaped(text);
  return out.empty() || out.ends_with('.') ? out : out + ".";
}

std::string flag(const CLI::Option& option) {
  std::string out = "Fl " + argument(name_of(option).substr(1));
  if (const std::string value = value_of(option); !value.empty()) out += " Ar " + argument(value);
  return out;
}

void options(const std::vector<const CLI::Option*>& all, std::ostream& out) {
  if (all.empty()) return;
  out << ".Bl -tag -width Ds\n";
  for (const auto* option : all) {
    out << ".It " << (option->get_positional() ? "Ar " + argument(name_of(*option)) : flag(*option)) << "\n";
    out << sentence(option->get_description()) << "\n";
    if (!option->get_default_str().empty()) out << "Default: " << escaped(option->get_default_str()) << ".\n";
  }
  out << ".El\n";
}

// The footer's lines "  upkeep …" that follow "Examples:".
void examples(const CLI::App& app, std::ostream& out) {
  std::istringstream footer(app.get_footer());
  std::string line;
  if (!std::getline(footer, line) || line != "Examples:") return;
  out << ".Pp\n.Bd -literal -offset indent -compact\n";
  while (std::getline(footer, line) && line.starts_with("  ")) out << escaped(line.substr(2)) << "\n";
  out << ".Ed\n";
}

std::vector<const CLI::Option*> own_options(const CLI::App& app) {
  auto out = arguments_of(app);
  for (const auto* option : flags_of(app))
    if (name_of(*option) != "--help" || app.get_parent() == nullptr) out.push_back(option);
  return out;
}

void command(const CLI::App& app, std::ostream& out) {
  const auto inner = commands_of(app);
  for (const auto* one : inner) command(*one, out);
  if (!inner.empty()) return;
  std::string name = full_name(app);
  name.erase(0, name.find(' ') + 1);
  out << ".It Xo\n.Cm " << argument(name) << "\n";
  for (const auto* option : own_options(app)) {
    const std::string one = option->get_positional() ? "Ar " + argument(name_of(*option)) : flag(*option);
    out << (option->get_required() ? "." : ".Op ") << one << "\n";
  }
  out << ".Xc\n" << sentence(app.get_description()) << "\n";
  options(own_options(app), out);
  examples(app, out);
}

void commands(const CLI::App& root, std::ostream& out) {
  // Each group once, in the order of --help: the commands of a group are not added in one go.
  std::vector<std::string> groups;
  for (const auto* app : commands_of(root))
    if (std::find(groups.begin(), groups.end(), app->get_group()) == groups.end()) groups.push_back(app->get_group());
  for (const auto& group : groups) {
    out << ".Ss " << group << "\n.Bl -tag -width Ds\n";
    for (const auto* app : commands_of(root))
      if (app->get_group() == group) command(*app, out);
    out << ".El\n";
  }
}

void keys(bool of_daemon, std::ostream& out, Context& context) {
  Offline offline(context);
  const KeyReference reference = key_reference(offline.registry());
  for (const std::string& warning : reference.warnings) context.fail(warning);
  for (const KeyTable& table : reference.tables) {
    if (table.of_daemon != of_daemon) continue;
    out << ".Ss " << argument(heading(table)) << "\n" << sentence(table.help) << "\n";
    if (table.required && table.plugin == nullptr) out << "Must be there.\n";
    if (table.keys.empty()) continue;
    out << ".Bl -tag -width Ds\n";
    for (const sdk::KeySpec* key : table.keys)
      out << ".It Ic " << argument(std::string(key->name)) << " Pq " << argument(kind_of(*key)) << "\n"
          << sentence(std::string(key->help)) << "\n";
    out << ".El\n";
  }
}

}  // namespace

void fill_manual(const CLI::App& root, std::istream& page, std::ostream& out, Context& context) {
  for (std::string line; std::getline(page, line);) {
    if (line == "@commands@")
      commands(root, out);
    else if (line == "@options@")
      options(own_options(root), out);
    else if (line == "@daemon-keys@" || line == "@agent-keys@")
      keys(line == "@daemon-keys@", out, context);
    else if (line.starts_with('@'))
      return context.fail("there is no " + line + " to fill in");
    else
      out << line << '\n';
  }
}

}  // namespace upkeep::cli
