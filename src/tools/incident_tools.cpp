#include "tools/incident_tools.hpp"

#include <boost/json.hpp>

#include "core/json.hpp"
#include "core/time_format.hpp"

namespace ebagent::tools {
namespace {

namespace json = boost::json;

std::string_view to_text(IncidentChange change) {
  switch (change) {
    case IncidentChange::Opened:
      return "opened";
    case IncidentChange::Closed:
      return "closed";
    case IncidentChange::AlreadyOpen:
      return "already_open";
    case IncidentChange::NoneOpen:
      return "none_open";
    case IncidentChange::Outdated:
      return "outdated";
  }
  return "unknown";
}

json::object described(const IncidentOutcome& outcome) {
  const Incident& incident = outcome.incident;
  json::object result{{"change", to_text(outcome.change)}, {"alarm", incident.alarm}};
  if (incident.id.empty()) return result;
  result["incident_id"] = incident.id;
  result["opened_at"] = core::format_utc_seconds(incident.opened);
  if (!incident.is_open) {
    const auto lasted = std::chrono::duration_cast<std::chrono::seconds>(incident.closed - incident.opened);
    result["closed_at"] = core::format_utc_seconds(incident.closed);
    result["seconds"] = lasted.count();
  }
  return result;
}

}  // namespace

std::vector<Tool> incident_tools(std::shared_ptr<Incidents> incidents) {
  using Alarm = Arg<"alarm", std::string, "Name of the alarm">;
  std::vector<Tool> tools;
  tools.push_back(Tool::from(
      "open_incident", "Opens the incident of an alarm, unless it has an open one",
      [incidents](Alarm alarm, Arg<"details", json::object, "What is known about it"> details,
                  const ToolContext& context) -> Result<json::object> {
        BOOST_OUTCOME_TRY(
            const auto outcome,
            incidents->open_incident(context.idempotency_key(), *alarm,
                                     core::write_json(json::value(*details)), context.event().time));
        return described(outcome);
      },
      {.effect = Effect::Idempotent}));
  tools.push_back(Tool::from("close_incident", "Closes the open incident of an alarm",
                             [incidents](Alarm alarm, const ToolContext& context) -> Result<json::object> {
                               BOOST_OUTCOME_TRY(const auto outcome,
                                                 incidents->close_incident(context.idempotency_key(), *alarm,
                                                                           context.event().time));
                               return described(outcome);
                             },
                             {.effect = Effect::Idempotent}));
  return tools;
}

}  // namespace ebagent::tools
