#include "targets/target_parts.hpp"

#include <utility>

#include <openssl/evp.h>

#include "core/ids.hpp"

namespace ebagent::targets {

namespace json = boost::json;

json::object target_parameters(const store::Route& route, std::string_view name) {
  json::error_code no_json;
  json::value target = json::parse(route.target_json, no_json);
  auto* const object = no_json ? nullptr : target.if_object();
  auto* const member = object == nullptr ? nullptr : object->if_contains(name);
  auto* const parameters = member == nullptr ? nullptr : member->if_object();
  return parameters == nullptr ? json::object{} : std::move(*parameters);
}

std::string text_member(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  const auto* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string{} : std::string{*text};
}

std::string delivery_id(const store::Delivery& delivery) {
  const store::Route& route = *delivery.route;
  return core::uuid_from_name("delivery/" + route.rule_arn + "/" + route.target_id + "/" + delivery.event_id +
                              "/" + std::to_string(delivery.accepted.time_since_epoch().count()));
}

std::string base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

}  // namespace ebagent::targets
