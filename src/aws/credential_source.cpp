#include "aws/credential_source.hpp"

#include <chrono>
#include <utility>

#include "aws/shared_file.hpp"

namespace ebagent::aws {
namespace {

constexpr std::chrono::minutes kKeepFor{1};

std::string home_file(const Environment& environment, const char* variable, const char* name) {
  if (std::string path = environment(variable); !path.empty()) return path;
  return environment("HOME") + "/.aws/" + name;
}

Credentials credentials_of(const SharedFile& file, const std::string& section) {
  return {.access_key_id = file.value(section, "aws_access_key_id"),
          .secret_access_key = file.value(section, "aws_secret_access_key"),
          .session_token = file.value(section, "aws_session_token")};
}

}  // namespace

Result<std::optional<Credentials>> EnvironmentCredentials::find() {
  Credentials found{.access_key_id = environment_("AWS_ACCESS_KEY_ID"),
                    .secret_access_key = environment_("AWS_SECRET_ACCESS_KEY"),
                    .session_token = environment_("AWS_SESSION_TOKEN")};
  if (found.access_key_id.empty() && found.secret_access_key.empty()) return std::optional<Credentials>{};
  if (found.access_key_id.empty() || found.secret_access_key.empty()) {
    return fail(ErrorCode::InvalidArgument,
                "Only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set; set both or neither.");
  }
  return std::optional{std::move(found)};
}

Result<std::optional<Credentials>> SharedFileCredentials::find() {
  std::string profile = environment_("AWS_PROFILE");
  if (profile.empty()) profile = environment_("AWS_DEFAULT_PROFILE");
  const bool is_named = !profile.empty();
  if (!is_named) profile = "default";
  const std::string keys_path = home_file(environment_, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
  const std::string config_path = home_file(environment_, "AWS_CONFIG_FILE", "config");
  BOOST_OUTCOME_TRY(const auto keys, SharedFile::read(keys_path));
  BOOST_OUTCOME_TRY(const auto config, SharedFile::read(config_path));
  Credentials found = credentials_of(keys, profile);
  if (found.access_key_id.empty()) {
    found = credentials_of(config, profile == "default" ? profile : "profile " + profile);
  }
  if (!found.access_key_id.empty() && !found.secret_access_key.empty())
    return std::optional{std::move(found)};
  if (!is_named && found.access_key_id.empty()) return std::optional<Credentials>{};
  return fail(ErrorCode::NotFound, "Profile " + profile +
                                       " has no aws_access_key_id and aws_secret_access_key in " + keys_path +
                                       " or " + config_path + ".");
}

Result<Credentials> CredentialChain::credentials() {
  const std::scoped_lock lock{mutex_};
  const TimePoint now = clock_.now();
  if (kept_ && now < kept_until_) return *kept_;
  kept_.reset();
  for (const auto& source : sources_) {
    BOOST_OUTCOME_TRY(kept_, source->find());
    if (!kept_) continue;
    kept_until_ = now + kKeepFor;
    return *kept_;
  }
  return fail(
      ErrorCode::NotFound,
      "There are no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE to a "
      "profile of ~/.aws/credentials.");
}

std::vector<std::unique_ptr<CredentialSource>> default_sources(const Environment& environment) {
  std::vector<std::unique_ptr<CredentialSource>> sources;
  sources.push_back(std::make_unique<EnvironmentCredentials>(environment));
  sources.push_back(std::make_unique<SharedFileCredentials>(environment));
  return sources;
}

}  // namespace ebagent::aws
