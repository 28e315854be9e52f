#include "server/aws_api/operation.hpp"
#include "server/aws_api/shapes.hpp"

namespace ebagent::server::aws_api {
namespace {

namespace json = boost::json;

std::string arn_of(const Call& call) {
  return std::string{text_of(call.input, "ResourceARN")};
}

Outcome tag_resource(const Call& call) {
  return nothing_or_error(call.catalog.tag_resource(call.scope, arn_of(call), tags_of(call.input)));
}

Outcome untag_resource(const Call& call) {
  std::vector<std::string> keys;
  for (const json::value& key : call.input.at("TagKeys").get_array()) keys.emplace_back(key.get_string());
  return nothing_or_error(call.catalog.untag_resource(call.scope, arn_of(call), keys));
}

Outcome list_tags_for_resource(const Call& call) {
  const auto tags = call.catalog.tags_of(call.scope, arn_of(call));
  if (!tags) return api_error(tags.error());
  json::array out;
  for (const auto& [key, value] : tags.value()) out.push_back(json::object{{"Key", key}, {"Value", value}});
  return json::object{{"Tags", std::move(out)}};
}

constexpr Operation kOperations[] = {
    {"TagResource", &shapes::kTagResource, tag_resource},
    {"UntagResource", &shapes::kUntagResource, untag_resource},
    {"ListTagsForResource", &shapes::kListTagsForResource, list_tags_for_resource},
};

}  // namespace

std::span<const Operation> tag_operations() {
  return kOperations;
}

}  // namespace ebagent::server::aws_api
