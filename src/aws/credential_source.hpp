#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "aws/credentials.hpp"
#include "aws/environment.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"

namespace ebagent::aws {

// One place where credentials may be found: a new place (a role, instance metadata ...) is one more of these.
// Thread safety: find() is called by one thread at a time.
class CredentialSource {
 public:
  virtual ~CredentialSource() = default;
  // Nothing when this place has none; an error when what it has cannot be used.
  [[nodiscard]] virtual Result<std::optional<Credentials>> find() = 0;
};

// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.
class EnvironmentCredentials final : public CredentialSource {
 public:
  explicit EnvironmentCredentials(Environment environment) : environment_(std::move(environment)) {}
  [[nodiscard]] Result<std::optional<Credentials>> find() override;

 private:
  const Environment environment_;
};

// The keys of profile AWS_PROFILE (or `default`) in the files of the AWS tools: ~/.aws/credentials and, after it,
// ~/.aws/config, or where AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE say. A profile that AWS_PROFILE names must be
// there and have keys of its own. Source: https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html
class SharedFileCredentials final : public CredentialSource {
 public:
  explicit SharedFileCredentials(Environment environment) : environment_(std::move(environment)) {}
  [[nodiscard]] Result<std::optional<Credentials>> find() override;

 private:
  const Environment environment_;
};

// The first of several sources that has credentials; what it had is used for a minute, so that keys that are changed in a
// file are taken up without a restart. Thread safety: every member may be called from any thread.
class CredentialChain {
 public:
  // The clock must outlive it.
  CredentialChain(std::vector<std::unique_ptr<CredentialSource>> sources, const Clock& clock)
      : sources_(std::move(sources)), clock_(clock) {}

  // NotFound, saying where was looked, when no source has any.
  [[nodiscard]] Result<Credentials> credentials();

 private:
  const std::vector<std::unique_ptr<CredentialSource>> sources_;
  const Clock& clock_;
  std::mutex mutex_;
  std::optional<Credentials> kept_;  // guarded by mutex_
  TimePoint kept_until_{};           // guarded by mutex_
};

// Environment, then shared files.
[[nodiscard]] std::vector<std::unique_ptr<CredentialSource>> default_sources(const Environment& environment);

}  // namespace ebagent::aws
