#include "ebagent/app.hpp"

#include <algorithm>
#include <mutex>
#include <stdexcept>

#include "agent/app_yaml.hpp"
#include "agent/event_queue.hpp"
#include "agent/model_table.hpp"
#include "agent/near_names.hpp"
#include "agent/price_table.hpp"
#include "agent/registry.hpp"
#include "agent/run_feed.hpp"
#include "agent/runner.hpp"
#include "agent/tool_declarations.hpp"
#include "core/ids.hpp"
#include "core/json.hpp"
#include "secrets/redactor.hpp"
#include "store/sqlite/sqlite_store.hpp"

namespace ebagent {
namespace {

constexpr std::string_view kGeneric = "generic";  // the agent for events that no rule matches

void require(const Result<void>& result) {
  if (!result) throw std::invalid_argument(result.error().message);
}

}  // namespace

std::string_view to_string(AgentRunState state) {
  switch (state) {
    case AgentRunState::Succeeded:
      return "succeeded";
    case AgentRunState::Waiting:
      return "waiting";
    case AgentRunState::Cancelled:
      return "cancelled";
    case AgentRunState::Failed:
      break;
  }
  return "failed";
}

class App::Parts {
 public:
  std::string name;
  AppPorts ports;
  AppSettings settings;
  agent::Registry registry;
  agent::InProgress in_progress;
  agent::CancelFlags cancel_flags;
  std::shared_ptr<const Hooks> hooks;
  std::unique_ptr<agent::CallThreads> threads;  // made with the first event, for the clock of then
  std::vector<std::function<Result<void>(App&, const Place&)>> prepare;
  std::vector<std::pair<std::string, SectionReader>> sections;
  Place place;
  std::string default_config;
  std::string default_config_name;

  // The store is opened with the first event, so that an app that is only looked at opens none.
  Result<std::shared_ptr<store::Store>> store() {
    const std::lock_guard lock(store_mutex_);
    if (ports.store == nullptr) {
      BOOST_OUTCOME_TRY(auto memory, store::sqlite::open_memory());
      ports.store = std::move(memory);
    }
    if (threads == nullptr) threads = std::make_unique<agent::CallThreads>(ports.clock);
    return ports.store;
  }

  // Made when it is first asked for, with the clock of then.
  agent::ModelTable& models() {
    if (models_ == nullptr)
      models_ = std::make_unique<agent::ModelTable>(ports.clock, ports.random, ports.redactor);
    return *models_;
  }

  // Without a rule that matches: the agent `generic`, if there is one.
  [[nodiscard]] Result<agent::Registry::Routes> routes_for(const Event& event) const {
    BOOST_OUTCOME_TRY(auto routes, registry.routes_for(event));
    if (routes.agents.empty() && registry.agent(kGeneric) != nullptr) routes.agents.emplace_back(kGeneric);
    return routes;
  }

  // Works on the event with the given agents, then on what they put, if it waits in this process.
  void work(const std::vector<std::string>& agents, const Event& event, const ProcessOptions& options,
            Response& response);

 private:
  void work_on(store::Store& store, EventSink& sink, const std::vector<std::string>& agents,
               const Event& event, const ProcessOptions& options, Response& response);
  void fail_all(const std::vector<std::string>& agents, const Event& event, const Error& error,
                Response& response);

  std::unique_ptr<agent::ModelTable> models_;
  std::mutex store_mutex_;  // guards ports.store while it is opened
};

void App::Parts::fail_all(const std::vector<std::string>& agents, const Event& event, const Error& error,
                          Response& response) {
  for (const std::string& name_of_agent : agents) {
    AgentRun run;
    run.agent = name_of_agent;
    run.event_id = event.id;
    run.error = error;
    run.permanent = agent::is_permanent(error.code);
    response.runs.push_back(std::move(run));
  }
}

void App::Parts::work_on(store::Store& store, EventSink& sink, const std::vector<std::string>& agents,
                         const Event& event, const ProcessOptions& options, Response& response) {
  const agent::Surroundings around{store,       *ports.clock, *ports.random,  sink,
                                   in_progress, cancel_flags, *threads,       settings,
                                   registry,    hooks,        ports.redactor, ports.feed.get()};
  for (const std::string& agent_name : agents) {
    const agent::Agent* found = registry.agent(agent_name);
    if (found == nullptr) {
      fail_all({agent_name}, event, {ErrorCode::NotFound, "There is no agent \"" + agent_name + "\"."},
               response);
      continue;
    }
    response.runs.push_back(agent::run_agent(around, *found, event, options));
    if (ports.on_run) ports.on_run(event, response.runs.back());
  }
}

void App::Parts::work(const std::vector<std::string>& agents, const Event& event,
                      const ProcessOptions& options, Response& response) {
  auto opened = store();
  if (!opened) return fail_all(agents, event, opened.error(), response);
  agent::EventQueue queue;
  EventSink& sink = ports.events != nullptr ? *ports.events : static_cast<EventSink&>(queue);
  work_on(*opened.value(), sink, agents, event, options, response);
  for (const AgentRun& run : response.runs) {
    if (run.state == AgentRunState::Succeeded && !run.answer.empty()) {
      response.text += (response.text.empty() ? "" : "\n") + run.answer;
    }
  }
  while (auto next = queue.take()) {
    auto routes = registry.routes_for(next->event);
    if (!routes) {
      response.error = routes.error();
      continue;
    }
    ProcessOptions chained;
    chained.chain = next->chain;
    work_on(*opened.value(), sink, routes.value().agents, next->event, chained, response);
  }
}

App::App(std::string name, AppPorts ports) : parts_(std::make_unique<Parts>()) {
  parts_->name = std::move(name);
  parts_->ports.clock = std::make_shared<const SystemClock>();
  parts_->ports.random = std::make_shared<core::SystemRandom>();
  parts_->ports.redactor = std::make_shared<secrets::Redactor>();
  use(std::move(ports));
}

App::App(App&&) noexcept = default;
App& App::operator=(App&&) noexcept = default;
App::~App() = default;

App& App::use(AppPorts ports) {
  if (ports.store) parts_->ports.store = std::move(ports.store);
  if (ports.clock) parts_->ports.clock = std::move(ports.clock);
  if (ports.random) parts_->ports.random = std::move(ports.random);
  if (ports.events) parts_->ports.events = std::move(ports.events);
  if (ports.declarations) parts_->ports.declarations = std::move(ports.declarations);
  if (ports.redactor) parts_->ports.redactor = std::move(ports.redactor);
  if (ports.feed) parts_->ports.feed = std::move(ports.feed);
  if (ports.on_run) parts_->ports.on_run = std::move(ports.on_run);
  return *this;
}

App& App::on_start(std::function<Result<void>(App&, const Place&)> prepare) {
  parts_->prepare.push_back(std::move(prepare));
  return *this;
}

App& App::section(std::string key, SectionReader reader) {
  const auto is_taken = [&key](const auto& section) { return section.first == key; };
  if (agent::is_own_section(key) || std::ranges::any_of(parts_->sections, is_taken)) {
    throw std::invalid_argument("The section \"" + key + "\" of agents.yaml is read already.");
  }
  parts_->sections.emplace_back(std::move(key), std::move(reader));
  return *this;
}

App& App::default_config(std::string yaml, std::string file_name) {
  parts_->default_config = std::move(yaml);
  parts_->default_config_name = std::move(file_name);
  return *this;
}

bool App::has_default_config() const {
  return !parts_->default_config.empty();
}

Result<void> App::start(const Place& place) {
  parts_->place = place;
  for (const auto& prepare : parts_->prepare) {
    BOOST_OUTCOME_TRYV(prepare(*this, place));
  }
  if (place.config) {
    BOOST_OUTCOME_TRY(load(*place.config));
  } else if (has_default_config()) {
    BOOST_OUTCOME_TRY(load_text(parts_->default_config, parts_->default_config_name));
  }
  return check();
}

App& App::settings(AppSettings settings) {
  if (settings.hop_limit < 0 || settings.idempotency_expiry < std::chrono::seconds(1)) {
    throw std::invalid_argument(
        "The hop limit must be 0 or more and the idempotency expiry 1 second or more.");
  }
  parts_->settings = std::move(settings);
  return *this;
}

App& App::tool(Tool tool) {
  require(parts_->registry.add(std::move(tool)));
  return *this;
}

App& App::agent(AgentSpec spec) {
  auto model = parts_->models().find(spec, parts_->settings.models);
  if (!model) throw std::invalid_argument("Agent \"" + spec.name + "\": " + model.error().message);
  require(parts_->registry.add(agent::Agent{std::move(spec), nullptr, std::move(model).value()}));
  return *this;
}

App& App::model(std::string name, std::shared_ptr<const Model> model) {
  if (name.empty() || model == nullptr) throw std::invalid_argument("A model needs a name and a model.");
  require(parts_->models().add(std::move(name), std::move(model)));
  return *this;
}

App& App::model(std::string name, ModelSettings settings) {
  if (parts_->models().has(name) || !parts_->settings.models.emplace(name, std::move(settings)).second) {
    throw std::invalid_argument("There are two models named \"" + name + "\"; names are unique.");
  }
  return *this;
}

App& App::replace_model(std::string_view agent, std::shared_ptr<const Model> model) {
  require(parts_->registry.replace_model(agent, std::move(model)));
  return *this;
}

App& App::replace_tool(Tool tool) {
  require(parts_->registry.replace(std::move(tool)));
  return *this;
}

App& App::restore_tools() {
  parts_->registry.restore_tools();
  return *this;
}

std::shared_ptr<const Model> App::model_of(std::string_view agent) const {
  const agent::Agent* found = parts_->registry.agent(agent);
  return found == nullptr ? nullptr : found->model;
}

std::vector<Tool> App::tools_of(std::string_view agent) const {
  std::vector<Tool> tools;
  const agent::Agent* found = parts_->registry.agent(agent);
  if (found == nullptr) return tools;
  for (auto& allowed : parts_->registry.tools_of(*found)) tools.push_back(std::move(allowed.tool));
  return tools;
}

App& App::hooks(Hooks hooks) {
  parts_->hooks = std::make_shared<const Hooks>(std::move(hooks));
  return *this;
}

App& App::add_handler(std::string name, Handler function, std::vector<std::string> tools, Limits limits) {
  AgentSpec spec;
  spec.name = std::move(name);
  spec.model = "handler";
  spec.tools.assign(std::make_move_iterator(tools.begin()), std::make_move_iterator(tools.end()));
  spec.limits = limits;
  require(parts_->registry.add(agent::Agent{std::move(spec), std::move(function), nullptr}));
  return *this;
}

App& App::flow(std::string_view agent, FlowControl flow) {
  require(parts_->registry.set_flow(agent, std::move(flow)));
  return *this;
}

App& App::on(std::string_view pattern_json, std::string_view agent) {
  require(parts_->registry.route(pattern_json, agent));
  return *this;
}

App& App::every(std::string_view schedule_expression, std::string_view agent) {
  return rule({parts_->registry.free_rule_name(agent),
               "",
               std::string(schedule_expression),
               {std::string(agent)},
               true});
}

App& App::rule(AppRule rule) {
  require(parts_->registry.add(std::move(rule)));
  return *this;
}

Result<void> App::load(const std::filesystem::path& file) {
  BOOST_OUTCOME_TRY(auto text, agent::read_config_file(file));
  return load_text(text, file.string());
}

Result<void> App::load_text(std::string_view yaml, std::string_view file_name) {
  agent::Registry registry_before = parts_->registry;
  const AppSettings settings_before = parts_->settings;
  agent::Sections sections;
  for (const auto& section : parts_->sections) {
    sections.emplace_back(section.first,
                          [this, &reader = section.second](std::string_view json) -> Result<void> {
                            try {
                              return reader(*this, parts_->place, json);
                            } catch (const std::invalid_argument& error) {  // as App's own functions refuse
                              return fail(ErrorCode::InvalidArgument, error.what());
                            }
                          });
  }
  const agent::ConfigPorts ports{.sections = sections,
                                 .declarations = parts_->ports.declarations.get(),
                                 .find_model = [this](const AgentSpec& spec, const AppSettings& settings) {
                                   return parts_->models().find(spec, settings.models);
                                 }};
  auto loaded = agent::load_yaml(yaml, file_name, parts_->registry, parts_->settings, ports);
  if (!loaded) {
    parts_->registry = std::move(registry_before);
    parts_->settings = settings_before;
  }
  return loaded;
}

Result<void> App::check() const {
  BOOST_OUTCOME_TRYV(parts_->registry.check());
  for (const std::string& name : agents()) {
    const AgentSpec& spec = *this->spec(name);
    if (!spec.limits.cost_usd || agent::price_of(parts_->settings, spec.model)) continue;
    return fail(ErrorCode::InvalidArgument,
                "Agent \"" + name + "\" has a limit of cost, but its model \"" + spec.model +
                    "\" has no price: give one under settings, prices, or limit its tokens.");
  }
  return success();
}

const std::string& App::name() const {
  return parts_->name;
}
const AppSettings& App::settings() const {
  return parts_->settings;
}
const AppPorts& App::ports() const {
  return parts_->ports;
}
std::vector<std::string> App::agents() const {
  return parts_->registry.agent_names();
}
bool App::has_agent(std::string_view name) const {
  return parts_->registry.agent(name) != nullptr;
}
const AgentSpec* App::spec(std::string_view name) const {
  const agent::Agent* agent = parts_->registry.agent(name);
  return agent == nullptr ? nullptr : &agent->spec;
}
bool App::has_flow_control() const {
  return parts_->registry.has_flow_control();
}
Result<std::vector<std::string>> App::agents_for(const Event& event) const {
  BOOST_OUTCOME_TRY(auto routes, parts_->routes_for(event));
  return std::move(routes.agents);
}
std::vector<AppRule> App::cancel_rules() const {
  return parts_->registry.cancel_rules();
}
const std::vector<AppRule>& App::rules() const {
  return parts_->registry.rules();
}

std::vector<Tool> App::tools() const {
  std::vector<Tool> tools;
  for (const auto& [name, tool] : parts_->registry.tools()) tools.push_back(tool);
  return tools;
}

Response App::respond(const Event& event, const ProcessOptions& options) {
  Response response;
  auto matched = parts_->routes_for(event);
  if (!matched) {
    response.error = matched.error();
    return response;
  }
  auto& routes = matched.value();
  response.rules = std::move(routes.rules);
  response.matched = !routes.agents.empty();
  if (!response.matched) {
    response.text = "No rule matches this event (source " + event.source + ", detail-type " +
                    event.detail_type + ") and there is no agent named \"" + std::string(kGeneric) + "\".";
    return response;
  }
  parts_->work(routes.agents, event, options, response);
  return response;
}

Response App::respond_with(std::string_view agent, const Event& event, const ProcessOptions& options) {
  Response response;
  response.matched = has_agent(agent);
  parts_->work({std::string(agent)}, event, options, response);
  return response;
}

Result<void> App::cancel(std::string_view run_id, std::string_view reason) {
  BOOST_OUTCOME_TRY(const auto store, parts_->store());
  BOOST_OUTCOME_TRYV(store->cancel_run(run_id, reason, parts_->ports.clock->now()));
  parts_->cancel_flags.set(run_id);
  return success();
}

namespace {

// The response, or its first failure.
Result<Response> successful(Response response) {
  if (response.error) return fail(*response.error);
  for (const AgentRun& run : response.runs) {
    if (run.state == AgentRunState::Failed)
      return fail(run.error.code, "Agent " + run.agent + ": " + run.error.message);
  }
  return response;
}

}  // namespace

Result<Response> App::process_event(const Event& event, const ProcessOptions& options) {
  return successful(respond(event, options));
}

Result<Response> App::process_event_with(std::string_view agent, const Event& event,
                                         const ProcessOptions& options) {
  if (!has_agent(agent)) {
    return fail(ErrorCode::NotFound,
                "There is no agent \"" + std::string(agent) + "\"." + agent::hint_for(agent, agents()));
  }
  return successful(respond_with(agent, event, options));
}

std::string detail::answer_text(const boost::json::value& result) {
  if (result.is_null()) return "";
  if (const auto* text = result.if_string()) return {text->data(), text->size()};
  return core::write_json(result);
}

}  // namespace ebagent
