#pragma once

#include <string>

namespace ebagent::aws {

// With what a request is signed. Never logged; an error may name the access key id, nothing else of it.
struct Credentials {
  std::string access_key_id = {};
  std::string secret_access_key = {};
  std::string session_token = {};  // empty for keys of long standing
};

}  // namespace ebagent::aws
