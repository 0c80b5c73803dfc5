import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import axios from "axios";
import express from "express";
import { apiKey, config, joined, query, reshaped, signed, tokenSource, userFields } from "./calls.js";

const client = axios.create({
  httpAgent: new http.Agent({ keepAlive: true, maxSockets: 64, maxFreeSockets: 64 }),
  httpsAgent: new https.Agent({
    keepAlive: true,
    maxSockets: 64,
    maxFreeSockets: 64,
    ca: readFileSync(config.authority),
  }),
  responseType: "text",
  transformResponse: (text) => text,
  validateStatus: () => true,
});
const bearer = tokenSource(async (url, body) => JSON.parse((await client.post(url, body)).data));

const app = express();

async function forward(request, response, path, headers, origin = config.upstream) {
  const answer = await client.get(origin + path + query(request.url), { headers });
  response.status(answer.status).type(answer.headers["content-type"]).send(answer.data);
}

async function read(request, path, headers) {
  return (await client.get(config.upstream + path + query(request.url), { headers })).data;
}

app.get("/none", (request, response) => forward(request, response, "/small", {}));
app.get("/api-key", (request, response) => forward(request, response, "/small", apiKey));
app.get("/oauth", async (request, response) => forward(request, response, "/small", await bearer()));
app.get("/rs256", async (request, response) => forward(request, response, "/small", await signed("RS256")));
app.get("/es256", async (request, response) => forward(request, response, "/small", await signed("ES256")));
app.get("/hs256", async (request, response) => forward(request, response, "/small", await signed("HS256")));
app.get("/fields", async (request, response) =>
  forward(request, response, "/small", await userFields(request.headers.authorization)),
);
app.get("/large", (request, response) => forward(request, response, "/large", apiKey));
app.get("/rows", async (request, response) =>
  response.type("application/json").send(reshaped(await read(request, "/large", apiKey))),
);
app.post("/composite", async (request, response) => {
  const first = await read(request, "/small", apiKey);
  const second = await read(request, "/small", { ...apiKey, "x-first": String(JSON.parse(first).id) });
  response.type("application/json").send(joined(first, second));
});
app.get("/tls", (request, response) => forward(request, response, "/small", apiKey, config.upstream_tls));

const server = app.listen({ host: "127.0.0.1", port: Number(config.port), backlog: 4096 });
server.keepAliveTimeout = 3_600_000;
