#pragma once

#include <string>
#include <string_view>

namespace ebagent::core {

// Every byte but A-Z a-z 0-9 - . _ ~ and those in `keep` as %XX, upper case.
// Source: https://www.rfc-editor.org/rfc/rfc3986#section-2.1
[[nodiscard]] std::string percent_encode(std::string_view bytes, std::string_view keep = {});

// The bytes that %XX stand for; a '%' that two hexadecimal digits do not follow stays as it is.
[[nodiscard]] std::string percent_decode(std::string_view text);

}  // namespace ebagent::core
