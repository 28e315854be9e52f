#pragma once

#include <functional>

#include "aws/credential_source.hpp"
#include "aws/environment.hpp"
#include "core/ids.hpp"
#include "ebagent/clock.hpp"
#include "http/client.hpp"
#include "models/cassette_request.hpp"

namespace ebagent::models {

// What models behind services need of the world. The references must outlive them.
struct ModelPorts {
  http::Client& http;
  const Clock& clock;
  core::Random& random;
  aws::CredentialChain& credentials;
  aws::Environment environment = aws::process_environment();  // for keys and the region
  std::function<void(Duration)> sleep = {};                   // between tries; empty: the thread sleeps
  Redact redact = {};  // takes secrets out of what goes onto a cassette
};

}  // namespace ebagent::models
