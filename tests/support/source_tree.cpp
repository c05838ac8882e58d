// SPDX-License-Identifier: Apache-2.0
#include "support/source_tree.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>

namespace upkeep::test {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

bool skipped(const fs::path& folder) {
  std::string name = folder.filename().string();
  return name.starts_with('.') || name.starts_with("build") || name == "__pycache__";
}

bool is_source(const fs::path& path) {
  static const std::set<std::string> kEndings = {".cpp", ".h", ".py", ".sh", ".cmake"};
  if (kEndings.contains(path.extension().string()) || path.filename() == "CMakeLists.txt") return true;
  if (path.has_extension()) return false;
  std::ifstream in(path, std::ios::binary);
  return in.get() == '#' && in.get() == '!';
}

bool word(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

// Where the literal or comment that begins at `at` ends (one past it); `at` itself when there is none.
std::size_t end_of_literal(std::string_view text, std::size_t at) {
  auto until = [&](std::string_view mark, std::size_t from) {
    std::size_t end = text.find(mark, from);
    return end == std::string_view::npos ? text.size() : end + mark.size();
  };
  std::string_view rest = text.substr(at);
  if (rest.starts_with("//")) return std::min(text.find('\n', at), text.size());
  if (rest.starts_with("/*")) return until("*/", at + 2);
  if (rest.starts_with("R\"") && (at == 0 || !word(text[at - 1]))) {
    std::size_t open = text.find('(', at);
    if (open == std::string_view::npos) return text.size();
    return until(")" + std::string(text.substr(at + 2, open - at - 2)) + "\"", open);
  }
  char quote = text[at];
  // A quote after a word is a digit separator (1'000), or belongs to a prefix (u8'a'), which does no harm either.
  if (quote != '"' && (quote != '\'' || (at > 0 && word(text[at - 1])))) return at;
  std::size_t end = at + 1;
  while (end < text.size() && text[end] != quote && text[end] != '\n') end += text[end] == '\\' ? 2 : 1;
  return std::min(end + 1, text.size());
}

}  // namespace

std::string source_dir() { return UPKEEP_SOURCE_DIR; }
std::string build_dir() { return UPKEEP_BINARY_DIR; }

std::vector<SourceFile> source_files(const std::string& root) {
  std::vector<SourceFile> out;
  for (auto it = fs::recursive_directory_iterator(root); it != fs::recursive_directory_iterator(); ++it) {
    if (it->is_directory() && skipped(it->path())) it.disable_recursion_pending();
    if (!it->is_symlink() && it->is_regular_file() && is_source(it->path())) {
      out.push_back({fs::relative(it->path(), root).string(), read(it->path())});
    }
  }
  std::sort(out.begin(), out.end(), [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return out;
}

bool is_cpp(const SourceFile& file) { return file.path.ends_with(".cpp") || file.path.ends_with(".h"); }

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    std::size_t end = std::min(text.find('\n'), text.size());
    out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string code_only(std::string_view cpp) {
  std::string out(cpp);
  for (std::size_t at = 0; at < cpp.size();) {
    std::size_t end = end_of_literal(cpp, at);
    for (std::size_t i = at; i < end; ++i) {
      if (out[i] != '\n') out[i] = ' ';
    }
    at = std::max(end, at + 1);
  }
  return out;
}

}  // namespace upkeep::test
