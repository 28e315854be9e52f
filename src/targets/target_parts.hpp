#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "store/store.hpp"

namespace ebagent::targets {

// The member `name` of the target as PutTargets had it (SqsParameters, HttpParameters ...); empty when it has none.
[[nodiscard]] boost::json::object target_parameters(const store::Route& route, std::string_view name);

// The member `name` of an object when it is a string; otherwise empty.
[[nodiscard]] std::string text_member(const boost::json::object& object, std::string_view name);

// The same for every attempt at one delivery and different for every other (rule, target, event): a UUID. A dead letter
// that is redriven gets another one, because it is meant to happen again.
[[nodiscard]] std::string delivery_id(const store::Delivery& delivery);

// The bytes in base64.
[[nodiscard]] std::string base64(std::string_view bytes);

}  // namespace ebagent::targets
