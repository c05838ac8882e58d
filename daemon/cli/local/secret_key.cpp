// SPDX-License-Identifier: Apache-2.0
#include "cli/local/secret_key.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "io/core_dumps.h"
#include "io/fd.h"

namespace upkeep::cli {
namespace {

constexpr const char* kPasswordVariable = "UPKEEP_KEY_PASSWORD";
constexpr std::size_t kMostPassword = 1024;

constexpr unsigned char kInterrupt = 3;  // Ctrl-C

// The terminal echoes again, whatever happens: Ctrl-C ends the line that is typed, not this program.
class NoEcho {
 public:
  explicit NoEcho(int fd) : fd_(fd) {
    if (::tcgetattr(fd_, &before_) != 0) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
    quiet.c_cc[VEOL] = kInterrupt;
    changed_ = ::tcsetattr(fd_, TCSAFLUSH, &quiet) == 0;
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;
  ~NoEcho() {
    if (changed_) ::tcsetattr(fd_, TCSAFLUSH, &before_);
  }
  [[nodiscard]] bool changed() const { return changed_; }

 private:
  int fd_;
  termios before_{};
  bool changed_ = false;
};

sdk::Result<core::SecretBytes> ask(const std::string& question) {
  const auto nobody =
      sdk::fail(sdk::Errc::denied, std::string("a password is needed, and there is no terminal to ask on: --password-file FILE or $") +
                                       kPasswordVariable + " gives it");
  const io::Fd terminal(::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!terminal) return nobody;
  const NoEcho quiet(terminal.get());
  if (!quiet.changed()) return nobody;
  const auto say = [&](std::string_view text) {
    return ::write(terminal.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
  };
  if (!say(question + ": ")) return nobody;
  core::SecretBytes out(kMostPassword);
  const ssize_t size = ::read(terminal.get(), out.data(), out.size());  // a line: the terminal is in canonical mode
  out.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  if (!say("\n")) return nobody;
  if (!out.empty() && out.back() == kInterrupt) return sdk::fail(sdk::Errc::cancelled, "interrupted");
  if (!out.empty() && out.back() == '\n') out.pop_back();
  return out;
}

// nullopt: neither a file nor the environment has one.
sdk::Result<std::optional<core::SecretBytes>> given_password(Offline& offline, const std::string& file) {
  if (file.empty()) {
    const char* value = std::getenv(kPasswordVariable);
    if (value == nullptr || *value == '\0') return std::optional<core::SecretBytes>();
    std::string text = value;
    return std::optional(core::take_secret(text));
  }
  auto text = offline.host().files().read(std::filesystem::absolute(file).string(), kMostPassword);
  if (!text) return sdk::fail("--password-file", text.error());
  auto out = core::take_secret(*text);
  out.erase(std::find(out.begin(), out.end(), '\n'), out.end());
  if (!out.empty() && out.back() == '\r') out.pop_back();
  if (out.empty()) return sdk::fail(sdk::Errc::invalid, "--password-file: the first line of " + file + " is empty");
  return std::optional(std::move(out));
}

sdk::Result<core::MinisignSecret> load_one(Offline& offline, const std::string& file, const std::string& password_file) {
  auto text = offline.host().files().read(std::filesystem::absolute(file).string(), core::kMostSecretKeyBytes);
  if (!text) return sdk::fail(text.error());
  const auto bytes = core::take_secret(*text);
  const auto locked = core::needs_password(bytes);
  if (!locked) return sdk::fail(file, locked.error());
  core::SecretBytes password;
  if (*locked) {
    auto given = given_password(offline, password_file);
    if (!given) return sdk::fail(given.error());
    auto known = *given ? sdk::Result<core::SecretBytes>(std::move(**given)) : ask("Password of " + file);
    if (!known) return sdk::fail(file, known.error());
    password = std::move(*known);
  }
  auto secret = core::read_minisign_secret(bytes, password);
  if (!secret) return sdk::fail(file, secret.error());
  return secret;
}

}  // namespace

sdk::Result<std::vector<core::MinisignSecret>> load_secret_keys(Offline& offline, const SecretKeyOptions& options) {
  if (const auto safe = io::forbid_core_dumps(); !safe) return sdk::fail(safe.error());
  std::vector<core::MinisignSecret> out;
  for (const std::string& file : options.files) {
    auto secret = load_one(offline, file, options.password_file);
    if (!secret) return sdk::fail(secret.error());
    out.push_back(std::move(*secret));
  }
  return out;
}

sdk::Result<core::SecretBytes> new_password(Offline& offline, const std::string& password_file) {
  auto given = given_password(offline, password_file);
  if (!given) return sdk::fail(given.error());
  if (*given) return std::move(**given);
  auto first = ask("Password for the new key");
  if (!first) return first;
  if (first->empty()) return sdk::fail(sdk::Errc::invalid, "the password is empty; --no-password makes a key without one");
  const auto again = ask("The same again");
  if (!again) return sdk::fail(again.error());
  if (*again != *first) return sdk::fail(sdk::Errc::invalid, "the two passwords are not the same");
  return first;
}

core::SecretBytes random_secret(Offline& offline, std::size_t bytes) {
  std::string digits = offline.host().random().hex(2 * bytes);
  const auto text = core::take_secret(digits);
  const auto value = [](unsigned char digit) { return digit <= '9' ? digit - '0' : digit - 'a' + 10; };
  core::SecretBytes out(bytes);
  for (std::size_t i = 0; i < bytes; ++i) out[i] = static_cast<unsigned char>(value(text[2 * i]) << 4 | value(text[2 * i + 1]));
  return out;
}

}  // namespace upkeep::cli
