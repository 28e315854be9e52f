#include "tools/declared_tools.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <utility>

#include "agent/near_names.hpp"
#include "agent/tool_declarations.hpp"
#include "agent/tool_use_yaml.hpp"
#include "http/curl_client.hpp"
#include "http/egress.hpp"
#include "schema/json_schema.hpp"
#include "secrets/redactor.hpp"
#include "tools/command_tool.hpp"
#include "tools/declared_arguments.hpp"
#include "tools/declared_sql.hpp"
#include "tools/http_tool.hpp"

namespace ebagent::tools {
namespace {

namespace json = boost::json;
using agent::YamlReader;

constexpr std::size_t kMaxOutput = std::size_t{1024} * 1024;  // it goes into the journal and before the model
constexpr int kMaxRows = 10'000;
constexpr int kMaxRedirects = 10;
constexpr std::chrono::milliseconds kDefaultTimeout{10'000};
constexpr std::chrono::milliseconds kTimeToTell{1'000};  // a tool's own time-out says more than the runtime's

// What most tools of a kind touch; `traits` says what is otherwise.
ToolTraits default_traits(std::string_view kind, Effect effect) {
  const bool acts = effect != Effect::Read;
  if (kind == "http") return {.reads_sensitive = false, .acts_outside = acts, .brings_untrusted = true};
  if (kind == "sql") return {.reads_sensitive = true, .acts_outside = false, .brings_untrusted = true};
  return {.reads_sensitive = true, .acts_outside = acts, .brings_untrusted = true};
}

// What all declared tools have, whatever they do.
struct Declaration {
  std::string name;
  std::string description;
  ToolOptions options;
  std::chrono::milliseconds timeout = kDefaultTimeout;
  json::value schema;
};

// Reads the declaration of one tool.
class DeclarationReader {
 public:
  DeclarationReader(const YamlReader& yaml, const DeclaredToolPorts& ports,
                    std::shared_ptr<secrets::Redactor> secrets)
      : yaml_(yaml), ports_(ports), secrets_(std::move(secrets)) {}

  Result<Tool> read(const YAML::Node& node) const {
    BOOST_OUTCOME_TRYV(yaml_.check_keys(node, "a tool",
                                        {"name", "description", "effect", "approval", "timeout", "traits",
                                         "arguments", "input_schema", "http", "sql", "command"}));
    BOOST_OUTCOME_TRY(const std::string kind, kind_of(node));
    BOOST_OUTCOME_TRY(auto tool, common(node, kind));
    BOOST_OUTCOME_TRY(auto function, function_of(kind, node[kind], tool));
    auto checks = schema::Schema::compile(tool.schema);
    if (!checks) return fail(yaml_.error_at(node, checks.error().message));
    return Tool(tool.name, tool.description, tool.schema,
                checked(std::move(checks).value(), tool.schema, std::move(function)), tool.options);
  }

 private:
  Result<std::string> kind_of(const YAML::Node& node) const {
    std::string found;
    for (const char* kind : {"http", "sql", "command"}) {
      if (!node[kind]) continue;
      if (!found.empty())
        return fail(yaml_.error_at(node[kind], "A tool is either " + found + " or " + kind + "."));
      found = kind;
    }
    if (found.empty()) return fail(yaml_.error_at(node, "A tool needs http, sql or command: what it does."));
    return found;
  }

  Result<Declaration> common(const YAML::Node& node, const std::string& kind) const {
    Declaration tool;
    BOOST_OUTCOME_TRY(tool.name, yaml_.required_text(node, "name", "a tool"));
    BOOST_OUTCOME_TRY(tool.description, yaml_.required_text(node, "description", "a tool"));
    if (node["effect"]) {
      BOOST_OUTCOME_TRY(tool.options.effect, yaml_.choice<Effect>(node["effect"], "effect",
                                                                  {{"read", Effect::Read},
                                                                   {"idempotent", Effect::Idempotent},
                                                                   {"once", Effect::Once}}));
    }
    if (node["approval"]) {
      BOOST_OUTCOME_TRY(tool.options.approval, agent::read_approval(node["approval"], yaml_));
    }
    if (node["timeout"]) {
      BOOST_OUTCOME_TRY(tool.timeout, yaml_.duration(node["timeout"], "timeout"));
    }
    tool.options.timeout = tool.timeout + kTimeToTell;
    tool.options.traits = default_traits(kind, tool.options.effect);
    if (node["traits"]) {
      BOOST_OUTCOME_TRYV(read_traits(node["traits"], tool.options.traits));
    }
    BOOST_OUTCOME_TRY(tool.schema, read_schema(node));
    return tool;
  }

  Result<void> read_traits(const YAML::Node& node, ToolTraits& traits) const {
    BOOST_OUTCOME_TRYV(yaml_.check_keys(
        node, "the traits", {"reads_sensitive", "acts_outside", "brings_untrusted", "destinations"}));
    const auto read = [&](const char* key, bool& into) -> Result<void> {
      if (!node[key]) return success();
      BOOST_OUTCOME_TRY(into, yaml_.boolean(node[key], key));
      return success();
    };
    BOOST_OUTCOME_TRYV(read("reads_sensitive", traits.reads_sensitive));
    BOOST_OUTCOME_TRYV(read("acts_outside", traits.acts_outside));
    BOOST_OUTCOME_TRYV(read("brings_untrusted", traits.brings_untrusted));
    BOOST_OUTCOME_TRY(traits.destinations, texts(node["destinations"], "destinations"));
    return success();
  }

  Result<json::value> read_schema(const YAML::Node& node) const {
    if (node["arguments"] && node["input_schema"]) {
      return fail(yaml_.error_at(node["input_schema"], "A tool has either arguments or an input_schema."));
    }
    if (node["input_schema"]) {
      BOOST_OUTCOME_TRY(auto schema, yaml_.json_value(node["input_schema"], "input_schema"));
      const auto* object = schema.if_object();
      const json::value* type = object == nullptr ? nullptr : object->if_contains("type");
      if (type != nullptr && *type == "object") return schema;
      return fail(
          yaml_.error_at(node["input_schema"], "\"input_schema\" must be a JSON schema of an object."));
    }
    const YAML::Node arguments = node["arguments"] ? node["arguments"] : YAML::Node(YAML::NodeType::Map);
    BOOST_OUTCOME_TRY(auto schema, read_arguments(arguments, yaml_));
    return json::value(std::move(schema));
  }

  Result<Tool::Function> function_of(const std::string& kind, const YAML::Node& node,
                                     const Declaration& tool) const {
    if (kind == "http") return http(node, tool);
    return kind == "sql" ? sql(node, tool) : command(node, tool);
  }

  Result<Tool::Function> http(const YAML::Node& node, const Declaration& tool) const;
  Result<HttpCall> http_call(const YAML::Node& node, const Declaration& tool) const;
  Result<http::EgressPolicy> egress(const YAML::Node& node, const http::Url& url) const;
  Result<Tool::Function> sql(const YAML::Node& node, const Declaration& tool) const;
  Result<Tool::Function> command(const YAML::Node& node, const Declaration& tool) const;

  // Arguments are checked and completed in front of a function, and secrets taken out of what it says.
  Tool::Function checked(schema::Schema checks, json::value schema, Tool::Function function) const {
    return [checks = std::move(checks), schema = std::move(schema), function = std::move(function),
            secrets = secrets_](const json::value& given, const ToolContext& context) -> Result<json::value> {
      const json::value arguments = with_defaults(given, schema);
      BOOST_OUTCOME_TRYV(checks.check(arguments));
      return secrets->redact(function(arguments, context));
    };
  }

  Result<TextTemplate> text_template(const YAML::Node& node, std::string_view what,
                                     const Declaration& tool) const {
    BOOST_OUTCOME_TRY(auto text, yaml_.text(node, what));
    auto compiled = TextTemplate::compile(text);
    if (!compiled) return fail(yaml_.error_at(node, compiled.error().message));
    BOOST_OUTCOME_TRYV(known_arguments(node, text, tool));
    return compiled;
  }

  Result<void> known_arguments(const YAML::Node& node, std::string_view text, const Declaration& tool) const {
    if (auto known = check_placeholders(text, argument_names(tool.schema)); !known) {
      return fail(yaml_.error_at(node, known.error().message));
    }
    return success();
  }

  Result<std::vector<std::pair<std::string, TextTemplate>>> templates(const YAML::Node& node,
                                                                      const char* what,
                                                                      const Declaration& tool) const {
    std::vector<std::pair<std::string, TextTemplate>> all;
    if (!node.IsDefined()) return all;
    if (!node.IsMap())
      return fail(yaml_.error_at(node, "\"" + std::string(what) + "\" must be a mapping of names to texts."));
    for (const auto& entry : node) {
      BOOST_OUTCOME_TRY(auto name, yaml_.text(entry.first, what));
      BOOST_OUTCOME_TRY(auto value, text_template(entry.second, what, tool));
      all.emplace_back(std::move(name), std::move(value));
    }
    return all;
  }

  Result<std::vector<std::string>> texts(const YAML::Node& node, const char* what) const {
    std::vector<std::string> all;
    BOOST_OUTCOME_TRY(auto elements, yaml_.elements(node, what));
    for (const YAML::Node& element : elements) {
      BOOST_OUTCOME_TRY(auto text, yaml_.text(element, what));
      all.push_back(std::move(text));
    }
    return all;
  }

  Result<std::size_t> output_limit(const YAML::Node& parent) const {
    const YAML::Node node = parent["output_limit"];
    if (!node.IsDefined()) return std::size_t{64} * 1024;
    BOOST_OUTCOME_TRY(auto text, yaml_.text(node, "output_limit"));
    std::size_t size = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), size);
    const std::string_view unit(read.ptr, std::size_t(text.data() + text.size() - read.ptr));
    const std::size_t factor = unit == "B"    ? 1
                               : unit == "KB" ? 1024
                               : unit == "MB" ? std::size_t{1024} * 1024
                                              : 0;
    if (read.ec == std::errc() && factor != 0 && size > 0 && size <= kMaxOutput / factor)
      return size * factor;
    return fail(yaml_.error_at(
        node, "\"output_limit\" must be a size of at most 1MB with its unit: 500B, 64KB or 1MB."));
  }

  Result<int> number(const YAML::Node& node, const char* key, int fallback, int least, int most) const {
    if (!node[key]) return fallback;
    BOOST_OUTCOME_TRY(const int value, yaml_.whole_number(node[key], key));
    if (value >= least && value <= most) return value;
    return fail(yaml_.error_at(node[key], "\"" + std::string(key) + "\" must be from " +
                                              std::to_string(least) + " to " + std::to_string(most) + "."));
  }

  const YamlReader& yaml_;
  const DeclaredToolPorts& ports_;
  const std::shared_ptr<secrets::Redactor> secrets_;
};

bool is_header_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

// The client's own to say; two of them in one request are how requests are smuggled.
bool is_framing(std::string name) {
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return name == "host" || name == "content-length" || name == "transfer-encoding" || name == "connection";
}

Result<HttpCall> DeclarationReader::http_call(const YAML::Node& node, const Declaration& tool) const {
  BOOST_OUTCOME_TRY(auto text, yaml_.required_text(node, "url", "http"));
  auto url = UrlTemplate::compile(text);
  if (!url) return fail(yaml_.error_at(node["url"], url.error().message));
  BOOST_OUTCOME_TRYV(known_arguments(node["url"], text, tool));
  HttpCall call{.url = std::move(url).value(), .effect = tool.options.effect, .timeout = tool.timeout};
  if (node["method"]) {
    BOOST_OUTCOME_TRY(call.method, yaml_.choice<std::string>(node["method"], "method",
                                                             {{"GET", "GET"},
                                                              {"HEAD", "HEAD"},
                                                              {"POST", "POST"},
                                                              {"PUT", "PUT"},
                                                              {"PATCH", "PATCH"},
                                                              {"DELETE", "DELETE"}}));
  }
  BOOST_OUTCOME_TRY(call.headers, templates(node["headers"], "headers", tool));
  for (const auto& [name, value] : call.headers) {
    if (is_header_name(name) && !is_framing(name)) continue;
    return fail(yaml_.error_at(node["headers"], "\"" + name + "\" is no header that a tool may set."));
  }
  if (const auto body = node["body"]) {
    if (call.method == "GET" || call.method == "HEAD") {
      return fail(yaml_.error_at(body, "A " + call.method + " has no body."));
    }
    BOOST_OUTCOME_TRY(auto json_text, yaml_.template_text(body, "body"));
    if (json_text.find("secret:") != std::string::npos) {
      return fail(yaml_.error_at(body, "Secrets stand in headers, not in the body."));
    }
    auto compiled = transform::Template::compile_inline(json_text);
    if (!compiled) return fail(yaml_.error_at(body, compiled.error().message));
    BOOST_OUTCOME_TRYV(known_arguments(body, json_text, tool));
    call.body = std::move(compiled).value();
  }
  BOOST_OUTCOME_TRY(call.output_limit, output_limit(node));
  return call;
}

Result<http::EgressPolicy> DeclarationReader::egress(const YAML::Node& node, const http::Url& url) const {
  http::EgressPolicy policy;
  BOOST_OUTCOME_TRY(policy.hosts, texts(node["hosts"], "hosts"));
  if (policy.hosts.empty()) policy.hosts.push_back(url.authority);
  if (auto checked = policy.check(); !checked) {
    return fail(yaml_.error_at(node["hosts"] ? node["hosts"] : node["url"], checked.error().message));
  }
  if (auto allowed = http::EgressClient::check_host(policy, url); !allowed) {
    return fail(yaml_.error_at(node["url"], allowed.error().message));
  }
  BOOST_OUTCOME_TRY(auto networks, yaml_.elements(node["allow_private"], "allow_private"));
  for (const YAML::Node& element : networks) {
    BOOST_OUTCOME_TRY(auto text, yaml_.text(element, "allow_private"));
    const auto network = http::Network::parse(text);
    if (!network) {
      return fail(
          yaml_.error_at(element, "\"" + text + "\" is neither an address nor a network (10.0.0.0/8)."));
    }
    policy.private_networks.push_back(*network);
  }
  BOOST_OUTCOME_TRY(policy.max_redirects,
                    number(node, "max_redirects", policy.max_redirects, 0, kMaxRedirects));
  return policy;
}

Result<Tool::Function> DeclarationReader::http(const YAML::Node& node, const Declaration& tool) const {
  BOOST_OUTCOME_TRYV(yaml_.check_keys(
      node, "http",
      {"method", "url", "headers", "body", "hosts", "allow_private", "max_redirects", "output_limit"}));
  BOOST_OUTCOME_TRY(auto call, http_call(node, tool));
  BOOST_OUTCOME_TRY(auto policy, egress(node, call.url.base()));
  auto client = std::make_shared<http::EgressClient>(ports_.client, ports_.resolver, std::move(policy));
  return http_function(std::move(call), std::move(client), secrets_);
}

Result<Tool::Function> DeclarationReader::sql(const YAML::Node& node, const Declaration& tool) const {
  BOOST_OUTCOME_TRYV(yaml_.check_keys(node, "sql", {"database", "statement", "row_limit"}));
  SqlCall call{.effect = tool.options.effect, .timeout = tool.timeout};
  BOOST_OUTCOME_TRY(auto name, yaml_.required_text(node, "database", "sql"));
  const auto database = ports_.databases.find(name);
  if (database == ports_.databases.end()) {
    std::vector<std::string> known;
    for (const auto& [other, opened] : ports_.databases) known.push_back(other);
    return fail(yaml_.error_at(node["database"],
                               "There is no database \"" + name + "\"." + agent::hint_for(name, known)));
  }
  call.database = database->second;
  BOOST_OUTCOME_TRY(call.statement, yaml_.required_text(node, "statement", "sql"));
  auto parameters = sql_parameters(call.statement);
  if (!parameters) return fail(yaml_.error_at(node["statement"], parameters.error().message));
  const auto known = argument_names(tool.schema);
  for (const std::string& parameter : parameters.value()) {
    if (std::find(known.begin(), known.end(), parameter) != known.end()) continue;
    return fail(yaml_.error_at(
        node["statement"],
        "The parameter :" + parameter + " is no argument of the tool." + agent::hint_for(parameter, known)));
  }
  BOOST_OUTCOME_TRY(const int rows, number(node, "row_limit", int(call.row_limit), 1, kMaxRows));
  call.row_limit = std::size_t(rows);
  return sql_function(std::move(call));
}

Result<Tool::Function> DeclarationReader::command(const YAML::Node& node, const Declaration& tool) const {
  BOOST_OUTCOME_TRYV(
      yaml_.check_keys(node, "a command", {"argv", "environment", "directory", "input", "output_limit"}));
  CommandCall call{.timeout = tool.timeout};
  BOOST_OUTCOME_TRY(auto arguments, yaml_.elements(node["argv"], "argv"));
  for (const YAML::Node& argument : arguments) {
    BOOST_OUTCOME_TRY(auto compiled, text_template(argument, "argv", tool));
    call.argv.push_back(std::move(compiled));
  }
  BOOST_OUTCOME_TRY(call.environment, templates(node["environment"], "environment", tool));
  BOOST_OUTCOME_TRY(auto directory, yaml_.optional_text(node, "directory", "/"));
  call.directory = directory;
  if (!call.directory.is_absolute())
    return fail(yaml_.error_at(node["directory"], "\"directory\" must be an absolute path."));
  if (node["input"]) {
    using Input = CommandCall::Input;
    BOOST_OUTCOME_TRY(call.input,
                      yaml_.choice<Input>(node["input"], "input",
                                          {{"none", Input::None}, {"arguments", Input::Arguments}}));
  }
  BOOST_OUTCOME_TRY(call.output_limit, output_limit(node));
  if (auto fine = check_command(call); !fine) return fail(yaml_.error_at(node, fine.error().message));
  auto program = find_program(arguments.front().Scalar());
  if (!program) return fail(yaml_.error_at(arguments.front(), program.error().message));
  BOOST_OUTCOME_TRY(call.argv.front(), TextTemplate::compile(program.value()));
  return command_function(std::move(call), secrets_);
}

class DeclaredTools final : public agent::ToolDeclarations {
 public:
  DeclaredTools(DeclaredToolPorts ports, std::shared_ptr<secrets::Redactor> secrets)
      : ports_(std::move(ports)), secrets_(std::move(secrets)) {}

  Result<Tool> read(const YAML::Node& node, const YamlReader& yaml) const override {
    return DeclarationReader(yaml, ports_, secrets_).read(node);
  }

 private:
  const DeclaredToolPorts ports_;
  const std::shared_ptr<secrets::Redactor> secrets_;
};

}  // namespace

void add_declared_tools(App& app, DeclaredToolPorts ports) {
  if (ports.client == nullptr) ports.client = std::make_shared<http::CurlClient>();
  if (ports.resolver == nullptr) ports.resolver = std::make_shared<http::SystemResolver>();
  app.use({.declarations = std::make_shared<const DeclaredTools>(std::move(ports), app.ports().redactor)});
}

}  // namespace ebagent::tools
