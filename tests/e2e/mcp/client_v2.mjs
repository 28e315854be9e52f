// The official SDK's client of both eras, pinned to the one without sessions; as client_v1.mjs.
import { readFileSync } from "node:fs";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

const [command, ...args] = process.argv.slice(2);
const client = new Client({ name: "test", version: "1.0.0" }, { versionNegotiation: { mode: { pin: "2026-07-28" } } });
await client.connect(new StdioClientTransport({ command, args, env: process.env, stderr: "inherit" }));
const { tools } = await client.listTools();
const results = [];
for (const call of JSON.parse(readFileSync(0, "utf8"))) {
  results.push(await client.callTool(call).catch((error) => ({ refused: error.code, message: error.message })));
}
console.log(JSON.stringify({ server: client.getServerVersion(), era: client.getProtocolEra?.(), tools, results }));
await client.close();
