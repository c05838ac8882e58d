// SPDX-License-Identifier: Apache-2.0
#pragma once
// `upkeep channel …`: reading channels, and publishing them. Each prints its answer and sets the context's exit status.

#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/local/channel_options.h"
#include "cli/local/channel_source.h"

namespace CLI {
class App;
}

namespace upkeep::cli {

void add_channel_commands(CLI::App& app, Context& context);

// Whom to believe: keys by themselves or by their files; none: those of the base that the folder lies in.
struct VerifyOptions {
  ChannelPlace place;
  std::vector<std::string> keys;
  int signatures = 0;     // 0: as the base says, else 1
  std::string valid_for;  // a duration: what expires sooner is refused
};
void show_channel(const VerifyOptions& options, Context& context);
void verify_channel(const VerifyOptions& options, Context& context);

struct InitOptions {
  std::string folder;
  std::vector<std::string> keys;
  int signatures = 0;   // 0: not given
  std::string expires;  // empty: not given
};
void init_base(const InitOptions& options, Context& context);

// `version` empty: it stays.
void set_channel(const std::string& channel, const std::string& version, const PublishOptions& options, Context& context);
void promote_channel(const std::string& from, const std::string& to, const PublishOptions& options, Context& context);
void withdraw_version(const std::string& channel, const std::string& version, const std::string& go_to, bool undo,
                      const PublishOptions& options, Context& context);
void sign_channel(const std::string& channel, const std::string& base_folder, const SecretKeyOptions& keys, Context& context);
void make_key(const std::string& name, bool locked, const std::string& password_file, Context& context);

struct PushOptions {
  std::string target;                 // s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or a folder: above the channels
  std::vector<std::string> channels;  // none: all
  std::string base = ".";
  std::string url;  // where hosts read the channels, if that is not the target
  std::string ca_file, cache_control;
  std::vector<std::string> options;  // KEY=VALUE for the target
  bool allow_downgrade = false;      // of plain channels
  bool overwrite = false;            // also what cannot be read
};
void push_channels(const PushOptions& options, Context& context);

}  // namespace upkeep::cli
