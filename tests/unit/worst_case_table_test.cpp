// SPDX-License-Identifier: Apache-2.0
// The README says what the user `upkeep` can do at worst. Each row of its table has a proof on a machine, which repeats the row's
// words, and no proof is of something that the README does not say.
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "support/source_tree.h"

namespace upkeep::test {
namespace {

// The first cells of the tables in the README's section.
std::set<std::string> rows() {
  std::ostringstream whole;
  whole << std::ifstream(source_dir() + "/README.md").rdbuf();
  const std::string readme = whole.str();
  std::string section = readme.substr(readme.find("\n## What the user `upkeep` can do at worst\n") + 1);
  section = section.substr(0, section.find("\n## "));
  std::set<std::string> out;
  for (const std::string_view line : lines_of(section)) {
    const auto end = line.find(" |", 2);
    if (!line.starts_with("| ") || end == std::string_view::npos) continue;
    const std::string cell(line.substr(2, end - 2));
    if (cell != "it may" && cell != "it may not") out.insert(cell);
  }
  return out;
}

// The words of every `with proves("...")` of the machine tests.
std::multiset<std::string> proofs() {
  static const std::regex kProof(R"re(with proves\("([^"\n]*)"\))re");
  std::multiset<std::string> out;
  for (const SourceFile& file : source_files(source_dir())) {
    if (!file.path.starts_with("tests/machine/test_")) continue;
    for (std::sregex_iterator it(file.text.begin(), file.text.end(), kProof), end; it != end; ++it) out.insert((*it)[1]);
  }
  return out;
}

TEST(WorstCaseTable, EachRowHasItsProofAndEachProofItsRow) {
  const auto said = rows();
  const auto proven = proofs();
  EXPECT_GT(said.size(), 15U) << "the test looked at the wrong section";
  for (const std::string& row : said) EXPECT_EQ(proven.count(row), 1U) << "no one proof of: " << row;
  for (const std::string& proof : proven) EXPECT_TRUE(said.contains(proof)) << "not in the README: " << proof;
}

}  // namespace
}  // namespace upkeep::test
