#include <ebagent/ebagent.hpp>

using namespace ebagent;

int main(int argc, char** argv) {
  App app{"quickstart"};
  app.tool("greet", "Makes a greeting",
           [](Arg<"name", std::string, "Whom to greet"> name) { return "Hello, " + *name + "!"; },
           {.effect = Effect::Read});
  app.handler(
      "greeter",
      [](const Event& event, Run& run) -> Result<std::string> {
        BOOST_OUTCOME_TRY(auto greeting, run.call("greet", {{"name", event.detail_object().at("name")}}));
        return run.step("shout", [&] { return std::string{greeting.as_string()} + " Welcome aboard."; });
      },
      {"greet"});
  app.on(R"({"source": ["myapp.users"], "detail-type": ["User Joined"]})", "greeter");
  return app.main(argc, argv);
}
