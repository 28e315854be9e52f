// A server of the era without sessions (2026-07-28), made with the official SDK, that refuses older clients.
//   modern_server.mjs stdio       over standard input and output
//   modern_server.mjs http        over HTTP; prints its port
import http from "node:http";
import { createMcpHandler, inputRequired, McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";

function makeServer() {
  const server = new McpServer({ name: "modern", version: "1.0.0" });
  server.registerTool("add", {
    description: "Adds two numbers", inputSchema: z.object({ a: z.number(), b: z.number() }),
    outputSchema: z.object({ sum: z.number() }), annotations: { readOnlyHint: true, openWorldHint: false },
  }, async ({ a, b }) => ({ content: [{ type: "text", text: String(a + b) }], structuredContent: { sum: a + b } }));
  server.registerTool("fail", { description: "Always fails", inputSchema: z.object({}) },
    async () => ({ content: [{ type: "text", text: "the shelf is empty" }], isError: true }));
  server.registerTool("folders", { description: "Names the client's folders", inputSchema: z.object({}) },
    async (_arguments, context) => {
      const given = context.mcpReq.inputResponses?.where;
      if (!given) return inputRequired({ inputRequests: { where: inputRequired.listRoots() } });
      return { content: [{ type: "text", text: given.roots.map((root) => root.uri).join(" ") }] };
    });
  server.registerTool("ask", { description: "Wants a person to answer", inputSchema: z.object({}) },
    async () => inputRequired({ inputRequests: { name: inputRequired.elicit({ message: "Your name?", requestedSchema: z.object({ name: z.string() }) }) } }));
  return server;
}

async function toRequest(incoming) {
  const chunks = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const headers = new Headers();
  for (let i = 0; i < incoming.rawHeaders.length; i += 2) headers.append(incoming.rawHeaders[i], incoming.rawHeaders[i + 1]);
  return new Request(`http://${incoming.headers.host}${incoming.url}`,
    { method: incoming.method, headers, body: chunks.length > 0 ? Buffer.concat(chunks) : undefined });
}

if (process.argv[2] === "stdio") {
  serveStdio(makeServer, { legacy: "reject" });
} else {
  const handler = createMcpHandler(makeServer, { legacy: "reject", responseMode: process.argv[3] ?? "auto" });
  const server = http.createServer(async (incoming, outgoing) => {
    const response = await handler.fetch(await toRequest(incoming));
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    if (response.body) for await (const chunk of response.body) outgoing.write(chunk);
    outgoing.end();
  });
  server.listen(0, "127.0.0.1", () => console.log(server.address().port));
}
