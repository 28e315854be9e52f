#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "fuzz/disagreement.hpp"
#include "mcp/json_rpc.hpp"
#include "mcp/line_reader.hpp"
#include "mcp/server.hpp"
#include "mcp/tool_list.hpp"

// A number, then what a peer says over standard streams: read at once and in pieces of that many bytes it is the same lines.
// Each line is refused with a reason, or is a message that reads as it was written; requests have an answer, and results and
// lists of tools are taken apart.
namespace ebagent::mcp {
namespace {

namespace json = boost::json;
using ebagent::pattern::disagree;

constexpr std::size_t kMaxLine = 512;

std::vector<std::string> lines_of(std::string_view bytes, std::size_t piece, LineReader::TooLong too_long) {
  LineReader reader{kMaxLine, too_long};
  std::vector<std::string> lines;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    reader.feed(bytes.substr(0, piece));
    while (auto line = reader.next()) {
      if (line->empty() || line->size() > kMaxLine) disagree("a line beyond its bounds", {{"line", *line}});
      lines.push_back(std::move(*line));
    }
  }
  return lines;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string all;
  for (const std::string& line : lines) (all += line) += '\n';
  return all;
}

Server make_server() {
  static const SystemClock clock{};
  std::vector<OfferedTool> tools;
  tools.push_back({"Echo", Tool::from("echo", "Gives back what it gets", [](Arg<"value", json::value> value) {
                     return json::object{{"value", *value}};
                   })});
  return Server{std::move(tools), "", clock};
}

void check_reply(const json::value& id, const Reply& reply) {
  const std::string text = response_text(id, reply);
  const auto read = parse_message(text);
  if (text.find('\n') != std::string::npos) disagree("a message of several lines", {{"text", text}});
  if (!read || read.value().kind != Message::Kind::Response || read.value().id != id) {
    disagree("a reply is not read as one", {{"text", text}});
  }
}

void check_result(const json::object& result) {
  static_cast<void>(to_output(result));
  static_cast<void>(header_parameters(result));
  const json::value* list = result.if_contains("tools");
  if (list == nullptr || !list->is_array()) return;
  for (const json::value& tool : list->get_array()) {
    if (!tool.is_object() || core::text_member(tool.get_object(), "name").empty()) return;
  }
  const ServerSpec spec{.name = "fuzz", .is_trusted = true};
  const auto offered = offered_tools(list->get_array(), spec);
  if (!offered) return;
  json::array reversed(list->get_array().rbegin(), list->get_array().rend());
  if (hash_of(reversed) != hash_of(offered.value())) disagree("a hash depends on the order", {});
  for (const json::value& tool : offered.value()) static_cast<void>(options_of(spec, tool.get_object()));
}

void check_line(Server& server, const std::string& line) {
  const auto message = parse_message(line);
  if (!message) {
    if (message.error().message.empty()) disagree("refused without a reason", {{"line", line}});
    return;
  }
  if (message.value().kind == Message::Kind::Request)
    check_reply(message.value().id, server.handle(message.value()));
  if (message.value().kind != Message::Kind::Response) return;
  check_reply(message.value().id, message.value().reply);
  if (const auto* result = std::get_if<json::object>(&message.value().reply)) check_result(*result);
}

}  // namespace
}  // namespace ebagent::mcp

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ebagent::mcp;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (const auto too_long : {LineReader::TooLong::Stops, LineReader::TooLong::IsCut}) {
    const auto whole = lines_of(bytes, bytes.size() + 1, too_long);
    const auto pieces = lines_of(bytes, data[0] + std::size_t{1}, too_long);
    if (whole != pieces) {
      ebagent::pattern::disagree(
          "reading at once and in pieces",
          {{"bytes", std::string(bytes)}, {"at once", joined(whole)}, {"in pieces", joined(pieces)}});
    }
  }
  Server server = make_server();
  for (const std::string& line : lines_of(bytes, bytes.size() + 1, LineReader::TooLong::Stops))
    check_line(server, line);
  return 0;
}
