#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "store/store.hpp"

namespace ebagent::cli {

// A dead letter without its event, and its event, as JSON for programs.
[[nodiscard]] boost::json::object to_json(const store::DeadLetter& letter);
[[nodiscard]] boost::json::value event_of(const store::DeadLetter& letter);

}  // namespace ebagent::cli
