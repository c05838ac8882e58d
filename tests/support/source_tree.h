// SPDX-License-Identifier: Apache-2.0
#pragma once
// The project's own source files, for the tests that hold them to the house's rules.

#include <string>
#include <string_view>
#include <vector>

namespace upkeep::test {

// The checkout, and the folder that it was built in. Functions, so that only one object file depends on where they lie.
[[nodiscard]] std::string source_dir();
[[nodiscard]] std::string build_dir();

struct SourceFile {
  std::string path;  // relative to the root, "daemon/core/decide.cpp"
  std::string text;
};

// Every source and script file (C++, Python, shell, CMake, and programs with a #! line) below the root, sorted by path;
// neither hidden folders nor build folders. Throws when a file cannot be read.
[[nodiscard]] std::vector<SourceFile> source_files(const std::string& root);

[[nodiscard]] bool is_cpp(const SourceFile& file);
// Lines of a text, without their newlines.
[[nodiscard]] std::vector<std::string_view> lines_of(std::string_view text);

// The same text, of the same length and lines, with blanks instead of comments and of what stands between quotes.
[[nodiscard]] std::string code_only(std::string_view cpp);

}  // namespace upkeep::test
