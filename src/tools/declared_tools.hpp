#pragma once

#include <map>
#include <memory>
#include <string>

#include "ebagent/app.hpp"
#include "http/client.hpp"
#include "http/resolver.hpp"
#include "tools/database.hpp"

namespace ebagent::tools {

// What declared tools work with. Empty: the client on libcurl, the system's resolver.
struct DeclaredToolPorts {
  std::shared_ptr<http::Client> client = {};
  std::shared_ptr<http::Resolver> resolver = {};
  std::map<std::string, std::shared_ptr<Database>> databases = {};  // by the name that `sql:` uses
};

// From here on the app reads the `tools` of an agents.yaml:
//
//   tools:
//     - name: create_ticket
//       description: Opens a ticket
//       effect: idempotent                  # read, idempotent, once (the default)
//       approval: required                  # never (the default), when-tainted, required
//       timeout: 10s                        # the default
//       traits: {reads_sensitive: false, acts_outside: true, brings_untrusted: true}   # see default_traits()
//       arguments: {title: {type: string, max_length: 200}}        # see declared_arguments.hpp; or input_schema: {...}
//       http:
//         method: POST                      # GET (the default), HEAD, POST, PUT, PATCH, DELETE
//         url: "https://tickets.example.com/api/tickets"           # <$.argument> in path and query
//         headers: {Authorization: "secret:env:TICKETS_TOKEN"}     # or "Bearer <secret:env:...>"
//         body: {summary: <$.title>}        # default: the arguments
//         hosts: [tickets.example.com]      # default: the URL's own; where redirects may lead
//         allow_private: [10.1.2.3, 10.2.0.0/16]                   # addresses that are not public
//         output_limit: 64KB                # the default
//     - name: top_customers
//       arguments: {region: string, n: {type: integer, default: 10}}
//       effect: read
//       sql: {database: services, statement: "SELECT name FROM customers WHERE region = :region LIMIT :n", row_limit: 100}
//     - name: disk_usage
//       arguments: {path: string}
//       effect: read
//       command:
//         argv: [df, -h, --, <$.path>]
//         environment: {TOKEN: "secret:file:/run/secrets/token"}
//         directory: /                      # the default
//         input: none                       # the default; arguments: as JSON on stdin
//         output_limit: 64KB                # the default
//
// Arguments are checked against their schema before anything is done; secrets are resolved at the call and stand in no result or
// error.
void add_declared_tools(App& app, DeclaredToolPorts ports);

}  // namespace ebagent::tools
