#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "server/aws_api/constraints.hpp"

// The forms that shapes of the service model take, for the tables of shapes.
namespace ebagent::server::aws_api::shapes {

[[nodiscard]] constexpr Shape text(std::int64_t min, std::int64_t max) {
  return {.type = Shape::Type::String, .min = min, .max = max};
}
[[nodiscard]] constexpr Shape text_like(std::int64_t min, std::int64_t max,
                                        bool (*satisfies)(std::string_view), std::string_view pattern) {
  return {.type = Shape::Type::String, .min = min, .max = max, .satisfies = satisfies, .pattern = pattern};
}
// The same for what messages and logs must not repeat.
[[nodiscard]] constexpr Shape secret(Shape shape) {
  shape.is_sensitive = true;
  return shape;
}
[[nodiscard]] constexpr Shape one_of(std::span<const std::string_view> values) {
  return {.type = Shape::Type::String, .values = values};
}
[[nodiscard]] constexpr Shape number(std::int64_t min, std::int64_t max) {
  return {.type = Shape::Type::Integer, .min = min, .max = max};
}
[[nodiscard]] constexpr Shape list_of(const Shape& element, std::int64_t min = 0,
                                      std::int64_t max = Shape::kUnbounded) {
  return {.type = Shape::Type::List, .min = min, .max = max, .element = &element};
}
[[nodiscard]] constexpr Shape map_of(const Shape& key, const Shape& element,
                                     std::int64_t max = Shape::kUnbounded) {
  return {.type = Shape::Type::Map, .max = max, .element = &element, .key = &key};
}
[[nodiscard]] constexpr Shape structure(std::span<const Member> members) {
  return {.type = Shape::Type::Structure, .members = members};
}
[[nodiscard]] constexpr Shape timestamp() {
  return {.type = Shape::Type::Timestamp};
}

}  // namespace ebagent::server::aws_api::shapes
