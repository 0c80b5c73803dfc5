import { readFileSync } from "node:fs";
import Fastify from "fastify";
import { Pool } from "undici";
import { apiKey, config, joined, query, reshaped, signed, tokenSource, userFields } from "./calls.js";

const api = new Pool(config.upstream, { connections: 64 });
const secureApi = new Pool(config.upstream_tls, {
  connections: 64,
  connect: { ca: readFileSync(config.authority) },
});
const bearer = tokenSource(async (url, body) => {
  const { pathname } = new URL(url);
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const reply = await api.request({ path: pathname, method: "POST", headers, body });
  return reply.body.json();
});

const app = Fastify();

async function forward(request, reply, path, headers, pool = api) {
  const answer = await pool.request({ path: path + query(request.raw.url), method: "GET", headers });
  reply.code(answer.statusCode).header("content-type", answer.headers["content-type"]);
  return reply.send(await answer.body.text());
}

async function read(request, path, headers) {
  const answer = await api.request({ path: path + query(request.raw.url), method: "GET", headers });
  return answer.body.text();
}

app.get("/none", (request, reply) => forward(request, reply, "/small", {}));
app.get("/api-key", (request, reply) => forward(request, reply, "/small", apiKey));
app.get("/oauth", async (request, reply) => forward(request, reply, "/small", await bearer()));
app.get("/rs256", async (request, reply) => forward(request, reply, "/small", await signed("RS256")));
app.get("/es256", async (request, reply) => forward(request, reply, "/small", await signed("ES256")));
app.get("/hs256", async (request, reply) => forward(request, reply, "/small", await signed("HS256")));
app.get("/fields", async (request, reply) =>
  forward(request, reply, "/small", await userFields(request.headers.authorization)),
);
app.get("/large", (request, reply) => forward(request, reply, "/large", apiKey));
app.get("/rows", async (request, reply) =>
  reply.type("application/json").send(reshaped(await read(request, "/large", apiKey))),
);
app.post("/composite", async (request, reply) => {
  const first = await read(request, "/small", apiKey);
  const second = await read(request, "/small", { ...apiKey, "x-first": String(JSON.parse(first).id) });
  return reply.type("application/json").send(joined(first, second));
});
app.get("/tls", (request, reply) => forward(request, reply, "/small", apiKey, secureApi));

await app.listen({ host: "127.0.0.1", port: Number(config.port), backlog: 4096 });
app.server.keepAliveTimeout = 3_600_000;
