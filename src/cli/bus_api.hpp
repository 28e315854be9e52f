#pragma once

#include <boost/json/object.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "aws/credential_source.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"
#include "http/client.hpp"

namespace ebagent::cli {

// Calls the EventBridge API of a running server, signed with the keys of the environment or of ~/.aws (on this machine, where
// there are none, with test/test, as its callers do). Thread safety: call() may be called from any thread.
class BusApi {
 public:
  // `clock` must outlive it.
  BusApi(std::unique_ptr<http::Client> http, std::string endpoint, std::string region, const Clock& clock);

  // The answer of an operation, "PutEvents". Unavailable when no server is there, InvalidArgument with the server's words for
  // what it refuses.
  [[nodiscard]] Result<boost::json::object> call(std::string_view operation,
                                                 const boost::json::object& input);

 private:
  [[nodiscard]] Result<http::Request> signed_request(std::string_view operation, std::string body);

  const std::unique_ptr<http::Client> http_;
  const std::string endpoint_;
  const std::string region_;
  const Clock& clock_;
  aws::CredentialChain credentials_;
};

}  // namespace ebagent::cli
