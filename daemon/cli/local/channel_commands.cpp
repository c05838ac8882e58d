// SPDX-License-Identifier: Apache-2.0
#include "cli/local/channel_commands.h"

#include <CLI/CLI.hpp>
#include <memory>

namespace upkeep::cli {
namespace {

// One that may be given several times, with one value each: more words would be arguments.
CLI::Option* many(CLI::App& app, const char* name, std::vector<std::string>& values, const char* help, const char* type) {
  return app.add_option(name, values, help)->type_name(type)->allow_extra_args(false);
}

void add_place(CLI::App& app, VerifyOptions& options) {
  app.add_option("URL|FOLDER", options.place.where, "https://server/base/CHANNEL, s3://bucket/prefix/CHANNEL, gs://…, or a folder")
      ->type_name("")
      ->required();
  app.add_option("--channel", options.place.channel, "the channel's name, where it is more than the last part")->type_name("NAME");
  app.add_option("--ca-file", options.place.ca_file, "authorities to trust instead of the system's (PEM)")->type_name("FILE");
  many(app, "--option", options.place.options, "a key of the source's table, such as region=eu-central-1; several times", "KEY=VALUE");
  many(app, "--key", options.keys, "public key, or its file, that must have signed; several times; in a base: its keys", "FILE");
  app.add_option("--signatures", options.signatures, "by how many of them; in a base: as many as it says, else one")
      ->type_name("N")
      ->check(CLI::Range(1, 16))
      ->type_name("N");
}

void add_reading(CLI::App& channel, Context& context) {
  auto options = std::make_shared<VerifyOptions>();
  CLI::App* show = channel.add_subcommand("show", "What a channel says now; without a daemon");
  add_place(*show, *options);
  show->footer("Examples:\n  upkeep channel show https://updates.example.com/v1/stable\n  upkeep channel show /srv/channels/stable --json");
  show->callback([options, &context] { show_channel(*options, context); });

  options = std::make_shared<VerifyOptions>();
  CLI::App* verify =
      channel.add_subcommand("verify", "Whether a host with these keys would take what a channel says, and plain files agree");
  add_place(*verify, *options);
  verify->add_option("--valid-for", options->valid_for, "fail when it expires sooner: 7d, for a nightly check")->type_name("DURATION");
  verify->footer(
      "Examples:\n  upkeep channel verify channels/stable\n  upkeep channel verify https://updates.example.com/v1/stable --key release.pub "
      "--valid-for 7d");
  verify->callback([options, &context] { verify_channel(*options, context); });
}

void add_keys(CLI::App& app, SecretKeyOptions& options) {
  many(app, "--key", options.files, "secret key to sign with; several times", "FILE");
  app.add_option("--password-file", options.password_file,
                 "its first line is the keys' password; also $UPKEEP_KEY_PASSWORD; else it is asked for")
      ->type_name("FILE");
}

// What all that make a new document can say.
void add_common(CLI::App& app, PublishOptions& options) {
  app.add_option("--base", options.base, "the folder of the channels")->type_name("FOLDER")->default_str("this one");
  app.add_option("--critical", options.critical, "whether hosts shall not wait for their window")->check(CLI::IsMember({"yes", "no"}));
  app.add_option("--expires", options.expires, "until when it holds, or for how long: 90d; default: as the base says")->type_name("TIME");
  add_keys(app, options.keys);
  app.add_option("--issued", options.issued, "as if it was written then, for the same bytes again")->type_name("TIME");
  app.add_option("--serial", options.serial, "instead of one more than before")->type_name("N");
  app.add_flag("--allow-serial-jump", options.allow_serial_jump, "also to a serial that is far above; hosts never go back");
}

void add_release(CLI::App& app, PublishOptions& options) {
  app.add_option("--notes", options.notes, "where people read what is new; none: nowhere")->type_name("URL");
  app.add_option("--not-before", options.not_before, "no host starts earlier; none: at once")->type_name("TIME");
  app.add_option("--minimum-from", options.minimum_from, "hosts below it do not go there; none: all may")->type_name("VERSION");
  app.add_option("--rollout", options.rollout, "shares of the fleet: \"10%@2027-01-05T02:00:00Z, 100%@2027-01-06T02:00:00Z\"; none: all")
      ->type_name("STAGES");
  app.add_option("--schedule", options.schedule,
                 "file with the table of a window schedule, for hosts that take the channel's; none: without")
      ->type_name("FILE");
  many(app, "--image", options.images, "the one image that stands for it, as REPOSITORY=sha256:HEX; several times; none: without", "IMAGE");
  many(app, "--package", options.packages, "a package file, or NAME=SHA256, that alone stands for it; several times; none: without",
       "FILE");
  many(app, "--announce-key", options.announced,
       "public key, or its file, that may sign later documents too; several times; none: no longer", "FILE");
}

void add_set(CLI::App& channel, Context& context) {
  struct Options : PublishOptions {
    std::string channel, version;
  };
  auto options = std::make_shared<Options>();
  CLI::App* set = channel.add_subcommand("set", "Write what a channel says from now on, signed and plain");
  set->add_option("CHANNEL", options->channel, "the channel; a new one is made")->type_name("")->required();
  set->add_option("VERSION", options->version, "the version, or none; left out: the same again, renewed")->type_name("");
  add_common(*set, *options);
  add_release(*set, *options);
  set->add_flag("--allow-downgrade", options->allow_downgrade, "also to a lower version");
  set->footer(
      "Examples:\n  upkeep channel set stable 14.3.33 --critical no --key release.key\n  upkeep channel set stable --expires 30d --key "
      "release.key\n"
      "  upkeep channel set stable 14.4.0 --critical no --package agent_14.4.0_amd64.deb");
  set->callback([options, &context] { set_channel(options->channel, options->version, *options, context); });
}

void add_promote(CLI::App& channel, Context& context) {
  struct Options : PublishOptions {
    std::string from, to;
  };
  auto options = std::make_shared<Options>();
  CLI::App* promote = channel.add_subcommand("promote", "Let a channel say of its release what another one says");
  promote->add_option("FROM", options->from, "the channel to take version, critical, notes, images and packages of")
      ->type_name("")
      ->required();
  promote->add_option("TO", options->to, "the channel that shall say the same; what else it says stays")->type_name("")->required();
  add_common(*promote, *options);
  promote->add_option("--not-before", options->not_before, "no host starts earlier")->type_name("TIME");
  promote->add_option("--rollout", options->rollout, "shares of the fleet, as with set")->type_name("STAGES");
  promote->add_flag("--allow-downgrade", options->allow_downgrade, "also to a lower version");
  promote->footer("Examples:\n  upkeep channel promote edge stable --key release.key");
  promote->callback([options, &context] { promote_channel(options->from, options->to, *options, context); });
}

void add_withdraw(CLI::App& channel, Context& context) {
  struct Options : PublishOptions {
    std::string channel, version, go_to;
    bool undo = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* withdraw = channel.add_subcommand("withdraw", "Have hosts leave a version, or at least not go to it");
  withdraw->add_option("CHANNEL", options->channel, "the channel")->type_name("")->required();
  withdraw->add_option("VERSION", options->version, "what is withdrawn")->type_name("")->required();
  auto* go_to = withdraw->add_option("--go-to", options->go_to, "where hosts that have it go; left out: they stay")->type_name("VERSION");
  withdraw->add_flag("--undo", options->undo, "it may be offered again")->excludes(go_to);
  add_common(*withdraw, *options);
  withdraw->footer("Examples:\n  upkeep channel withdraw stable 14.3.33 --go-to 14.3.32 --key release.key");
  withdraw->callback(
      [options, &context] { withdraw_version(options->channel, options->version, options->go_to, options->undo, *options, context); });
}

void add_signing(CLI::App& channel, Context& context) {
  struct Options {
    std::string channel, base = ".", name, password_file;
    SecretKeyOptions keys;
    bool no_password = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* sign = channel.add_subcommand("sign", "Add a signature to what a channel says, or make one again");
  sign->add_option("CHANNEL", options->channel, "the channel")->type_name("")->required();
  sign->add_option("--base", options->base, "the folder of the channels")->type_name("FOLDER")->default_str("this one");
  add_keys(*sign, options->keys);
  sign->get_option("--key")->required();
  sign->footer("Examples:\n  upkeep channel sign stable --key second.key");
  sign->callback([options, &context] { sign_channel(options->channel, options->base, options->keys, context); });

  options = std::make_shared<Options>();
  CLI::App* keygen = channel.add_subcommand("keygen", "Make a key pair, NAME.key and NAME.pub, as minisign has them");
  keygen->add_option("NAME", options->name, "the files' name without its end")->type_name("")->required();
  auto* none = keygen->add_flag("--no-password", options->no_password, "whoever reads the file can sign");
  keygen
      ->add_option("--password-file", options->password_file,
                   "its first line is the password; also $UPKEEP_KEY_PASSWORD; else it is asked for")
      ->type_name("FILE")
      ->excludes(none);
  keygen->footer("Examples:\n  upkeep channel keygen release");
  keygen->callback([options, &context] { make_key(options->name, !options->no_password, options->password_file, context); });
}

void add_init(CLI::App& channel, Context& context) {
  auto options = std::make_shared<InitOptions>();
  CLI::App* init = channel.add_subcommand("init", "Make a folder for channels; again: change who signs them");
  init->add_option("FOLDER", options->folder, "the folder")->type_name("")->required();
  many(*init, "--key", options->keys, "public key, or its file, whose signature counts; several times; none at all: plain channels",
       "FILE");
  init->add_option("--signatures", options->signatures, "by how many of the keys a release must be signed")
      ->check(CLI::Range(1, 16))
      ->type_name("N");
  init->add_option("--expires", options->expires, "for how long a release holds, if nothing else is said: 90d")->type_name("DURATION");
  init->footer("Examples:\n  upkeep channel init channels\n  upkeep channel init channels --key release.pub");
  init->callback([options, &context] { init_base(*options, context); });
}

void add_push(CLI::App& channel, Context& context) {
  auto options = std::make_shared<PushOptions>();
  CLI::App* push = channel.add_subcommand("push", "Copy channels to where hosts read them, and read them back");
  push->add_option("TARGET", options->target, "s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or a FOLDER, above the channels")
      ->type_name("")
      ->required();
  push->add_option("CHANNEL", options->channels, "which channels; left out: all")->type_name("");
  push->add_option("--base", options->base, "the folder of the channels")->type_name("FOLDER")->default_str("this one");
  many(*push, "--option", options->options, "a key of the target's table, such as region=eu-central-1; several times", "KEY=VALUE");
  push->add_option("--ca-file", options->ca_file, "authorities to trust instead of the system's (PEM)")->type_name("FILE");
  push->add_option("--url", options->url, "https address above the channels, to read there too what hosts see")->type_name("URL");
  push->add_option("--cache-control", options->cache_control, "what caches are told")->type_name("TEXT")->default_str("no-cache");
  push->add_flag("--allow-downgrade", options->allow_downgrade, "plain channels: also to a lower version than what is served");
  push->add_flag("--overwrite", options->overwrite, "also where it cannot be told what is served");
  push->footer(
      "Examples:\n  upkeep channel push s3://example-updates/v1 --option region=eu-central-1\n  upkeep channel push /srv/www/v1 stable "
      "--base channels");
  push->callback([options, &context] { push_channels(*options, context); });
}

}  // namespace

void add_channel_commands(CLI::App& app, Context& context) {
  CLI::App* channel = app.add_subcommand("channel", "Release channels: read, publish, sign and verify them")->group(kPublish);
  channel->require_subcommand(1);
  channel->footer(
      "Examples:\n  upkeep channel show https://updates.example.com/v1/stable\n  upkeep channel set stable 14.3.33 --critical no --key "
      "release.key");
  add_reading(*channel, context);
  add_init(*channel, context);
  add_set(*channel, context);
  add_promote(*channel, context);
  add_withdraw(*channel, context);
  add_signing(*channel, context);
  add_push(*channel, context);
}

}  // namespace upkeep::cli
