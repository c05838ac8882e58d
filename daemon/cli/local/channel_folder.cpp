// SPDX-License-Identifier: Apache-2.0
#include "cli/local/channel_folder.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "cli/local/channel_source.h"
#include "core/channel.h"
#include "io/durable.h"
#include "sdk/text.h"

namespace upkeep::cli {
namespace {

namespace fs = std::filesystem;

sdk::Result<std::optional<std::string>> read_if_there(sdk::Files& files, const std::string& path, std::size_t most) {
  auto bytes = files.read(path, most);
  if (bytes) return std::optional(std::move(*bytes));
  if (bytes.error().code == sdk::Errc::unsupported) return std::optional<std::string>();
  return sdk::fail(bytes.error());
}

// The name of one of the signatures that lie there; "" none do.
std::string any_signature(sdk::Files& files, const std::string& folder) {
  const auto names = files.list(folder);
  if (!names) return "";
  const auto at = std::find_if(names->begin(), names->end(), core::is_signature_file);
  return at == names->end() ? "" : *at;
}

// Those that are not of these bytes are left out: they were made for an earlier document.
core::Signatures signatures_in(sdk::Files& files, const std::string& folder, const std::string& bytes,
                               const std::vector<core::MinisignKey>& keys) {
  core::Signatures out;
  const auto names = files.list(folder);
  for (const std::string& name : names ? *names : std::vector<std::string>()) {
    if (!core::is_signature_file(name)) continue;
    const auto text = files.read(folder + "/" + name, core::kMostSignatureBytes);
    const auto signature = text.and_then([](const std::string& read) { return core::parse_minisign_signature(read); });
    for (const auto& key : keys)
      if (signature && core::verify(key, bytes, *signature)) out.emplace(key.id, *text);
  }
  return out;
}

sdk::Result<ChannelState> load_plain_state(Offline& offline, const std::string& channel, sdk::Source& source, const std::string& folder) {
  if (!offline.host().files().exists(folder + "/version")) return ChannelState();
  const auto offer = read_plain(offline, source);
  if (!offer) return sdk::fail(offer.error());
  const auto checked = core::check_offer(*offer);
  if (!checked) return sdk::fail(checked.error());
  return ChannelState{.document = core::Document{.channel = channel, .release = checked->release}};
}

// Folders that are served must be open to the server's user; write_atomic would make them for the daemon's alone.
sdk::Result<void> make_folders(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return sdk::fail(io::errno_error("cannot make the folder " + folder, error.value()));
  return {};
}

}  // namespace

sdk::Result<ChannelState> load_channel(Offline& offline, const ChannelBase& base, const std::string& channel) {
  const std::string folder = base.folder + "/" + channel;
  if (channel.empty() || tidy_place(folder) != folder)
    return sdk::fail(sdk::Errc::invalid, sdk::quoted(channel) + " is no name of a channel");
  const auto source = open_source(offline, {.where = folder, .channel = channel});
  if (!source) return sdk::fail(source.error());
  auto& files = offline.host().files();
  const std::string file = folder + "/" + std::string(core::kDocumentFile);
  auto bytes = read_if_there(files, file, core::kMostDocumentBytes);
  if (!bytes) return sdk::fail(bytes.error());
  if (!*bytes) {
    // Without its last serial it would begin anew, and hosts would refuse all of it.
    const std::string left = base.is_signed() ? any_signature(files, folder) : "";
    if (left.empty()) return load_plain_state(offline, channel, **source, folder);
    return sdk::fail(sdk::Errc::invalid, file + " is lost, and its signature " + left + " is there: bring it back, or remove that as well");
  }
  if ((*bytes)->empty()) return sdk::fail(sdk::Errc::invalid, file + " is empty: bring back what it said");
  if (!base.is_signed())
    return sdk::fail(sdk::Errc::invalid, "channel " + sdk::quoted(channel) + " is signed, and " + base.folder + "/" + kBaseFile +
                                             " has no keys: `upkeep channel init FOLDER --key PUBLIC` names them again");
  auto document = core::parse_document(**bytes);
  if (!document) return sdk::fail(file, document.error());
  if (document->channel != channel)
    return sdk::fail(sdk::Errc::invalid, file + " is that of the channel " + sdk::quoted(document->channel));
  ChannelState out{.document = std::move(*document), .bytes = std::move(**bytes)};
  out.signatures = signatures_in(files, folder, out.bytes, base.keys);
  return out;
}

std::vector<core::ChannelFile> files_of(const ChannelBase& base, const ChannelState& state) {
  if (!base.is_signed()) return core::plain_files(state.document->release);
  return core::signed_files(*state.document, state.bytes, base.keys, state.signatures);
}

sdk::Result<void> write_files(Offline& offline, const std::string& folder, const std::vector<core::ChannelFile>& files) {
  if (auto made = make_folders(folder); !made) return made;
  struct New {
    std::string beside, path;
  };
  std::vector<New> all;
  const auto undo = [&](const sdk::Error& error) {
    for (const auto& one : all) (void)io::remove_durable(one.beside);
    return sdk::fail(error);
  };
  for (const auto& file : files) {
    const std::string path = folder + "/" + file.name;
    if (offline.host().files().read(path, core::kMostDocumentBytes) == file.bytes) continue;
    auto beside = io::write_beside(path, file.bytes, 0644);
    if (!beside) return undo(beside.error());
    all.push_back({std::move(*beside), path});
  }
  for (const auto& one : all)
    if (const auto placed = io::rename_durable(one.beside, one.path); !placed) return undo(placed.error());
  const auto names = offline.host().files().list(folder);
  for (const std::string& name : names ? *names : std::vector<std::string>()) {
    const bool ours = std::any_of(files.begin(), files.end(), [&](const auto& file) { return file.name == name; });
    if (!ours && core::is_signature_file(name))
      if (auto removed = io::remove_durable(folder + "/" + name); !removed) return removed;
  }
  return {};
}

std::vector<std::string> channels_of(const ChannelBase& base) {
  std::vector<std::string> out;
  std::error_code error;
  for (fs::recursive_directory_iterator at(base.folder, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename();
    if (at->is_directory() && name.starts_with('.')) at.disable_recursion_pending();  // .git
    if ((name == core::kDocumentFile || name == "version") && at.depth() > 0)
      out.push_back(fs::relative(at->path().parent_path(), base.folder).string());
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

sdk::Result<io::Fd> lock_folder(const std::string& folder) {
  if (const auto made = make_folders(folder); !made) return sdk::fail(made.error());
  io::Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return sdk::fail(io::errno_error("cannot open " + folder, errno));
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
  if (errno != EWOULDBLOCK) return sdk::fail(io::errno_error("cannot lock " + folder, errno));
  return sdk::fail(sdk::Errc::busy, "another `upkeep channel` publishes in " + folder);
}

sdk::Result<LockedBase> lock_base(Offline& offline, const std::string& folder) {
  const auto before = load_base(offline, folder);
  if (!before) return sdk::fail(before.error());
  auto lock = lock_folder(before->folder);
  if (!lock) return sdk::fail(lock.error());
  auto base = load_base(offline, folder);  // as it is now that nobody else changes it
  if (!base) return sdk::fail(base.error());
  return LockedBase{std::move(*lock), std::move(*base)};
}

}  // namespace upkeep::cli
