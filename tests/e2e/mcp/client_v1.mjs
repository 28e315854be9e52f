// The official SDK's client of the era of sessions: starts a server, lists its tools and makes calls.
//   client_v1.mjs COMMAND... < calls     calls: JSON, a list of {"name", "arguments"}; prints {version, server, tools, results}
import { readFileSync } from "node:fs";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

const [command, ...args] = process.argv.slice(2);
const client = new Client({ name: "test", version: "1.0.0" });
await client.connect(new StdioClientTransport({ command, args, env: process.env, stderr: "inherit" }));
const { tools } = await client.listTools();
await client.ping();
const results = [];
for (const call of JSON.parse(readFileSync(0, "utf8"))) {
  results.push(await client.callTool(call).catch((error) => ({ refused: error.code, message: error.message })));
}
console.log(JSON.stringify({ server: client.getServerVersion(), instructions: client.getInstructions(), tools, results }));
await client.close();
