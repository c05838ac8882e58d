// SPDX-License-Identifier: Apache-2.0
// "ANSWER\n%%\nFILE\n%%\nVERSIONS": what rpm answers, a file in which an administrator holds packages (each of the four kinds is tried),
// and versions, one a line. A state that is read is sound; a hold is one line, there for a line or word of the file; the order of
// versions is one.
#include <algorithm>

#include "fuzz/fuzz.h"
#include "sdk/ini.h"
#include "sdk/text.h"
#include "sdk/version.h"
#include "shared/rpm/holds.h"
#include "shared/rpm/query.h"

using namespace upkeep;
using namespace upkeep::shared::rpm;

namespace {

void check_states(const std::string& answer) {
  const auto states = parse_states(answer);
  if (!states) {
    const auto& said = states.error().message;
    FUZZ_CHECK(states.error().code == sdk::Errc::internal && fuzz::one_printable_line(said) && said.size() <= 300, said);
    return;
  }
  for (const auto& [name, state] : *states) {
    FUZZ_CHECK(sdk::is_package_name(name) && sdk::is_package_version(state.version), name);
    FUZZ_CHECK(!state.arch.empty() && state.arch.size() <= 32, state.arch);
    FUZZ_CHECK(state.broken == state.status.starts_with("installed twice, as "), state.status);
    FUZZ_CHECK(state.broken || state.status == "installed", state.status);
    FUZZ_CHECK(answer.find(name + "\t") != std::string::npos, name);
  }
}

void check_holds(const std::string& file) {
  const Subject agent{"demo-agent", "1:1.2.3-1.el9", "x86_64"};
  const auto lines = sdk::split(file, '\n');
  const auto check = [&](const std::vector<shared::packages::Hold>& holds, std::size_t most) {
    FUZZ_CHECK(holds.size() <= most, std::to_string(holds.size()));
    for (const auto& hold : holds) FUZZ_CHECK(fuzz::one_printable_line(hold.where) && hold.where.size() <= 300, hold.where);
  };
  const auto locks = version_locks(file, agent);
  check(locks, lines.size());
  for (const auto& lock : locks) FUZZ_CHECK(!lock.of_our_kind || file.find("!demo-agent") != std::string::npos, lock.where);
  check(zypp_locks(file, agent), lines.size());
  check(excludes(file, "/etc/dnf/dnf.conf", agent), file.size());

  std::size_t kept = 0;
  for (const auto& section : sdk::parse_ini(file)) {
    FUZZ_CHECK(section.name.find('\n') == std::string::npos, section.name);
    for (const auto& [key, value] : section.values) {
      FUZZ_CHECK(key == sdk::lower(key), key);
      kept += key.size() + value.size();
      for (const auto& word : sdk::ini_list(value)) FUZZ_CHECK(!word.empty() && word.find_first_of(" ,\n\t") == std::string::npos, word);
    }
  }
  FUZZ_CHECK(kept <= file.size(), "more than there was");
}

int sign(int order) { return order < 0 ? -1 : order > 0 ? 1 : 0; }

void check_order(const std::string& text) {
  auto versions = sdk::lines_of(text);
  versions.resize(std::min<std::size_t>(versions.size(), 8));
  for (const auto& a : versions) {
    FUZZ_CHECK(compare_versions(a, a) == 0, a);
    for (const auto& b : versions) FUZZ_CHECK(sign(compare_versions(a, b)) == -sign(compare_versions(b, a)), a + " and " + b);
  }
  for (const auto& pattern : versions) FUZZ_CHECK(!pattern_means(pattern, {"p", "1-1", "noarch"}) || pattern.size() <= 256, pattern);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parts = fuzz::parts_of(fuzz::text_of(data, size));
  check_states(parts[0]);
  if (parts.size() > 1) check_holds(parts[1]);
  if (parts.size() > 2) check_order(parts[2]);
  return 0;
}
