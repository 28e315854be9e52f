#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "bus/rule.hpp"
#include "bus/validation.hpp"
#include "ebagent/result.hpp"

namespace ebagent::bus {

// The opaque NextToken of a list that is ordered by text: the text of the last element looked at.
[[nodiscard]] std::string write_token(std::string_view last);
// Errors: InvalidArgument for text that no list has given.
[[nodiscard]] Result<std::string> read_token(std::string_view token);

// The page that `request` asks for of `ordered`, a map by text. `pick` makes an item of an element, or
// nullopt of one that does not belong to the list.
template <class T, class Map, class Pick>
[[nodiscard]] Result<Page<T>> page_of(const Map& ordered, const PageRequest& request, Pick&& pick) {
  BOOST_OUTCOME_TRY(const std::size_t size, checked_page_size(request));
  auto next = ordered.begin();
  if (!request.next_token.empty()) {
    BOOST_OUTCOME_TRY(const std::string last, read_token(request.next_token));
    next = ordered.upper_bound(last);
  }
  Page<T> page;
  std::string last;
  for (; next != ordered.end(); ++next) {
    std::optional<T> item = pick(*next);
    if (!item) continue;
    if (page.items.size() == size) {
      page.next_token = write_token(last);
      break;
    }
    page.items.push_back(*std::move(item));
    last = next->first;
  }
  return page;
}

}  // namespace ebagent::bus
