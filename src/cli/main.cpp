#include "ebagent/app.hpp"
#include "operations/operations.hpp"

int main(int argc, char** argv) {
  ebagent::App app{"eventbridge-agent"};
  ebagent::operations::install(app);
  return app.main(argc, argv);
}
