// Runs Sealgate's connectors from a page. Apache-2.0.

const WITH_PAYLOAD = ["POST", "PUT", "PATCH"];
const DEFAULTS = ["csrfToken", "headers", "timeout"];
const CLIENT = ["baseUrl", "token", "getToken", ...DEFAULTS];
const COMPOSITE = ["permalink", "payload", "queryParams", "pathParams", "headers", "timeout", "signal", "raw"];
const EXECUTE = [...COMPOSITE, "method"];
const STREAM = EXECUTE.filter((name) => name !== "raw");
const HABITS = { payload: "body data json", queryParams: "query params", pathParams: "path", permalink: "id name", baseUrl: "url" };

class Failure extends Error {
  constructor(message, fields) {
    Object.assign(super(message), fields);
  }
}

export class ConnectorExecuteError extends Failure {
  name = "ConnectorExecuteError";
}

export class ConnectorBoundaryError extends Failure {
  name = "ConnectorBoundaryError";
}

/** @type {import("./sealgate.d.ts").createClient} */
export function createClient(options = {}) {
  const { baseUrl, token, getToken, ...own } = known(options, CLIENT, "createClient");
  const base = baseOf(baseUrl);
  let defaults = { csrfToken: pageToken, headers: new Headers(), timeout: 30000 };
  configure(own);

  function configure(changes) {
    const next = { ...defaults, ...known(changes, DEFAULTS, "configure") };
    if (changes.headers) next.headers = new Headers(plain(changes.headers, "headers"));
    checkTimeout(next.timeout);
    defaults = next;
  }

  function updateHeaders(changes) {
    for (const [name, value] of Object.entries(plain(changes, "headers"))) {
      defaults.headers.delete(name);
      if (value != null) defaults.headers.set(name, value);
    }
  }

  async function run(call) {
    const { permalink, timeout = defaults.timeout } = call;
    checkTimeout(timeout);
    const clock = new AbortController();
    const signal = AbortSignal.any([clock.signal, ...call.signals]);
    const late = new Failure(`${permalink}: no reply within ${timeout} ms`, { name: "TimeoutError" });
    const timer = setTimeout(() => clock.abort(late), timeout);
    const stopped = new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    const received = (promise) =>
      promise.catch((cause) => {
        throw new Error(`${permalink}: ${base} cannot be reached, or forbids this page (CORS)`, { cause });
      });

    async function attempt(refresh) {
      signal.throwIfAborted();
      const headers = new Headers(defaults.headers);
      for (const name in call.headers) headers.set(name, call.headers[name]);
      if (call.path) headers.set("X-Path-Params", call.path);
      if (call.body && !headers.has("Content-Type")) headers.set("Content-Type", "application/json");
      const bearer = getToken ? await getToken({ refresh }) : token;
      const { csrfToken } = defaults;
      const csrf = !bearer && (await (typeof csrfToken === "function" ? csrfToken() : csrfToken));
      if (bearer) headers.set("Authorization", `Bearer ${bearer}`);
      if (csrf) headers.set("X-CSRF-Token", csrf);
      const credentials = csrf ? "include" : "same-origin";
      const response = await received(fetch(base + call.target, { ...call, headers, credentials, signal }));
      if (response.ok && call.raw) return response;
      const result = await read(call, response, received);
      if (response.ok) return result;
      const error = failure(call, response, result);
      if (getToken && !refresh && error.code === "AUTHENTICATION_REQUIRED") return attempt(true);
      throw error;
    }

    try {
      return await Promise.race([stopped, attempt(false)]);
    } finally {
      clearTimeout(timer);
    }
  }

  async function* events(options, closing) {
    let reader;
    try {
      const call = callOf(options, STREAM, "stream");
      call.headers = { accept: "text/event-stream", ...call.headers };
      call.signals.push(closing);
      reader = eventsOf(await run({ ...call, raw: true })).getReader();
      yield* parseEvents(reader);
    } catch (error) {
      if (!closing.aborted) throw error;
    } finally {
      reader?.cancel().catch(() => {});
    }
  }

  function stream(options) {
    const closing = new AbortController();
    const iterator = events(options, closing.signal);
    const finish = iterator.return.bind(iterator);
    // By itself, a generator ends only with its next event.
    iterator.return = () => {
      closing.abort();
      return finish();
    };
    return iterator;
  }

  return {
    connectors: {
      execute: async (options) => run(callOf(options, EXECUTE, "execute")),
      composite: {
        async execute(options) {
          const call = callOf(options, COMPOSITE, "composite.execute", "POST");
          if (call.path) refuse("pathParams: none for a composite connector");
          return run(call);
        },
      },
      stream,
      configure,
      updateHeaders,
      setDefaultTimeout: (timeout) => configure({ timeout: checkTimeout(timeout) }),
      getHeaders: () => Object.fromEntries(defaults.headers),
      getDefaultTimeout: () => defaults.timeout,
      getBaseUrl: () => base,
    },
  };
}

function callOf(options, names, name, fixedMethod) {
  const call = { method: fixedMethod, queryParams: {}, pathParams: {}, headers: {}, ...known(options, names, name) };
  const { permalink, method, payload, signal } = call;
  if (!/^[a-z0-9-]+$/.test(permalink ?? "")) throw new TypeError(`permalink: ${permalink} is none`);
  if (!method) throw new TypeError("method: missing; give the connector's");
  if (payload !== undefined) {
    if (!WITH_PAYLOAD.includes(method)) throw new TypeError(`payload: only with ${WITH_PAYLOAD}`);
    if (!Array.isArray(payload)) plain(payload, "payload");
  }
  return {
    ...call,
    target: `/connectors/${permalink}/execute${encodeQuery(call.queryParams)}`,
    body: JSON.stringify(payload),
    path: encodePath(call.pathParams),
    headers: plain(call.headers, "headers"),
    signals: signal ? [signal] : [],
  };
}

function encodeQuery(queryParams) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(plain(queryParams, "queryParams"))) {
    for (const each of [value].flat()) {
      if (each == null) continue;
      if (typeof each === "object") throw new TypeError(`queryParams.${name}: an object`);
      query.append(name, each);
    }
  }
  return query.size ? `?${query}`.replaceAll("+", "%20") : "";
}

function encodePath(pathParams) {
  if (!isPlain(pathParams)) refuse("pathParams: not an object");
  for (const [name, value] of Object.entries(pathParams)) {
    if (!name.trim()) refuse("pathParams: a name is empty");
    if (!/string|number/.test(typeof value)) refuse(`pathParams.${name}: neither text nor number`);
  }
  const encoded = `${new URLSearchParams(pathParams)}`;
  if (encoded.length > 4096) refuse("pathParams: longer than 4096 characters");
  return encoded;
}

function refuse(reason) {
  throw new ConnectorBoundaryError(reason, { reason });
}

async function read(call, response, received) {
  const type = response.headers.get("Content-Type");
  if (!/^text\/|[/+](json|xml)\b/i.test(type)) {
    const blob = await received(response.blob());
    return blob.size ? blob : null;
  }
  const text = await received(response.text());
  try {
    return /[/+]json\b/i.test(type) && text ? JSON.parse(text) : text || null;
  } catch {
    if (response.ok) throw failure(call, response, text, "the reply is no JSON");
    return text;
  }
}

/** An envelope is Sealgate's own when it repeats the id of the request. */
function failure({ permalink }, { status, headers }, body, problem) {
  const requestId = headers.get("X-Request-ID") ?? body?.request_id;
  const { errors = {}, reason, failure_scope } = (body?.request_id === requestId && body) || {};
  const { code, params, detail = problem, scope: failureScope = failure_scope } = errors;
  const message = [`${permalink}: ${status}`, code, detail ?? reason].join(" ").trim();
  if (/^(CONNECTOR_)?NOT_FOUND$/.test(code)) return new Failure(message, { requestId, code });
  const after = headers.get("Retry-After");
  const wait = Math.ceil(isNaN(after) ? (Date.parse(after) - Date.now()) / 1000 : after ?? NaN);
  const retryAfter = wait >= 0 ? wait : undefined;
  return new ConnectorExecuteError(message, { status, requestId, code, params, detail, failureScope, reason, body, retryAfter });
}

function eventsOf({ headers, body }) {
  const type = headers.get("Content-Type");
  if (/^text\/event-stream\b/i.test(type)) return body;
  body?.cancel();
  throw new Error(`not an event stream but ${type}; use execute`);
}

/** WHATWG HTML, section 9.2.6. */
async function* parseEvents(reader) {
  let event, retry, id = "", data = [];
  for await (const line of linesOf(reader)) {
    const [, field, value] = /^([^:]*):? ?([^]*)$/.exec(line);
    if (field === "data") data.push(value);
    if (field === "event") event = value;
    if (field === "id" && !value.includes("\0")) id = value;
    if (field === "retry" && /^\d+$/.test(value)) retry = Number(value);
    if (line) continue;
    if (data.length) yield { event: event || "message", data: data.join("\n"), id, retry };
    event = "";
    data = [];
  }
}

async function* linesOf(reader) {
  const decoder = new TextDecoder();
  let rest = "", cr;
  for (let part; !(part = await reader.read()).done; ) {
    let text = decoder.decode(part.value, { stream: true });
    if (cr && text[0] === "\n") text = text.slice(1); // the rest of a CR LF
    cr = text.endsWith("\r");
    const lines = (rest + text).split(/\r\n?|\n/);
    rest = lines.pop();
    yield* lines;
  }
}

function known(options, names, call) {
  for (const name in plain(options, call)) {
    if (names.includes(name)) continue;
    const likely = names.find((each) => HABITS[each]?.split(" ").includes(name) || alike(name, each)) ?? names.join(", ");
    throw new TypeError(`${call}: unknown option "${name}"; did you mean ${likely}?`);
  }
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value != null));
}

function alike(one, other, changes = 2) {
  const a = one.slice(1), b = other.slice(1);
  if (one[0] === other[0]) return !one || alike(a, b, changes);
  return changes-- > 0 && (alike(a, other, changes) || alike(one, b, changes) || alike(a, b, changes));
}

function baseOf(given) {
  const { origin, pathname } = new URL(given ?? "..", given ? globalThis.location?.href : import.meta.url);
  if (origin === "null") throw new TypeError("baseUrl: give Sealgate's address");
  return origin + pathname.replace(/\/+$/, "");
}

function pageToken() {
  const find = (selector) => globalThis.document?.querySelector(selector);
  const found = find("#csrftoken") ?? find("meta[name=csrf-token]");
  return found && (found.value || found.content || found.textContent.trim());
}

/** By tag, so that objects of other frames count. */
const isPlain = (value) => Object.prototype.toString.call(value) === "[object Object]";

function plain(value, name) {
  if (!isPlain(value)) throw new TypeError(`${name}: give a plain object`);
  return value;
}

function checkTimeout(ms) {
  if (!(ms > 0 && ms < 2 ** 31)) throw new TypeError(`timeout: ${ms} is no number of milliseconds`);
  return ms;
}
