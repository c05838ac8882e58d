// SPDX-License-Identifier: Apache-2.0
#include "support/co_await_lint.h"

#include <algorithm>

#include "support/source_tree.h"

namespace upkeep::test {
namespace {

struct Token {
  std::string_view text;
  int line;
};

bool word(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '\''; }
bool blank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

// Words, and all else as single characters.
std::vector<Token> tokens_of(std::string_view code) {
  std::vector<Token> out;
  int line = 1;
  for (std::size_t at = 0; at < code.size();) {
    std::size_t end = at + 1;
    if (word(code[at])) {
      while (end < code.size() && word(code[end])) ++end;
    }
    if (code[at] == '\n') ++line;
    if (!blank(code[at])) out.push_back({code.substr(at, end - at), line});
    at = end;
  }
  return out;
}

class Reader {
 public:
  explicit Reader(std::string_view code) : tokens_(tokens_of(code)) {}

  std::vector<LintFinding> findings() {
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      if (tokens_[i].text != "co_await") continue;
      if (std::string what = look(i); !what.empty()) out_.push_back({tokens_[i].line, what});
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string_view at(std::size_t i) const { return i < tokens_.size() ? tokens_[i].text : ";"; }
  [[nodiscard]] static bool opens(std::string_view text) { return text == "(" || text == "[" || text == "{"; }
  [[nodiscard]] static bool closes(std::string_view text) { return text == ")" || text == "]" || text == "}"; }

  // One past the bracket that closes the one at i.
  [[nodiscard]] std::size_t past(std::size_t i) const {
    int depth = 0;
    for (; i < tokens_.size(); ++i) {
      if (opens(at(i))) ++depth;
      if (closes(at(i)) && --depth == 0) return i + 1;
    }
    return i;
  }

  // A bracket is a subscript after a name or a closing bracket, else the beginning of a lambda.
  [[nodiscard]] bool begins_lambda(std::size_t i) const {
    if (at(i) != "[" || i == 0) return false;
    std::string_view before = at(i - 1);
    if (before == "co_await" || before == "return" || before == "co_return") return true;
    return !(word(before.front()) || before == ")" || before == "]");
  }

  // One past the lambda that begins at i: introducer, parameters, what follows them, body.
  [[nodiscard]] std::size_t past_lambda(std::size_t i) const {
    i = past(i);
    while (i < tokens_.size() && at(i) != "{") i = at(i) == "(" ? past(i) : i + 1;
    return past(i);
  }

  // What is wrong with the expression of the co_await at `start`; empty: nothing.
  [[nodiscard]] std::string look(std::size_t start) const {
    if (conditional_before(start)) return "?: around co_await";
    int depth = 0;
    for (std::size_t i = start + 1; i < tokens_.size();) {
      std::string_view token = at(i);
      if (begins_lambda(i)) {
        if (at(i + 1) != "]") return "a lambda with captures";
        i = past_lambda(i);
        continue;
      }
      if (token == "?") return "?: within co_await";
      // After the call, at the outer level, a brace begins a block: `while (co_await f()) {` ends before it, `else` does not matter.
      if (token == "{") return "a braced value";
      if (token == ";" && depth == 0) break;
      if (opens(token)) ++depth;
      if (closes(token) && --depth < 0) break;
      ++i;
    }
    return {};
  }

  // Whether a ? stands before it in the same statement, outside of brackets that are closed already.
  [[nodiscard]] bool conditional_before(std::size_t start) const {
    int depth = 0;
    for (std::size_t i = start; i-- > 0;) {
      std::string_view token = at(i);
      if (token == ")" || token == "]") ++depth;
      if ((token == "(" || token == "[") && depth > 0) --depth;
      if (depth > 0) continue;
      if (token == ";" || token == "{" || token == "}") return false;
      if (token == "?") return true;
    }
    return false;
  }

  std::vector<Token> tokens_;
  std::vector<LintFinding> out_;
};

}  // namespace

std::vector<LintFinding> lint_co_await(std::string_view cpp) {
  const std::string code = code_only(cpp);
  return Reader(code).findings();
}

}  // namespace upkeep::test
