/** Runs Sealgate's connectors from a page. */

export type JsonValue = null | boolean | number | string | JsonValue[] | { [name: string]: JsonValue };

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS";

export type QueryValue = string | number | boolean | null | undefined;

export interface Defaults {
  /**
   * Sent as `X-CSRF-Token` with the page's cookies when there is no token. By default the element with the
   * id `csrftoken`, else `<meta name="csrf-token">`, read for each call; `""` sends none.
   */
  csrfToken?: string | (() => string | null | undefined | Promise<string | null | undefined>);
  /** Sent with every call. `configure` replaces them, `updateHeaders` merges. */
  headers?: Record<string, string>;
  /** Milliseconds for a whole call, or until the head of a `raw` or streamed reply. 30000 by default. */
  timeout?: number;
}

export interface ClientOptions extends Defaults {
  /**
   * Where Sealgate is, with its base path and tenant: `https://gateway.example/t/acme`. By default the folder
   * above the one that served this module; a bundle has to say it.
   */
  baseUrl?: string | URL;
  /** A session JWT or an API token. */
  token?: string;
  /**
   * Asked for a token before each call, and once more with `refresh: true` when Sealgate refuses that token.
   * Without a token, the page's cookies are used.
   */
  getToken?: (request: { refresh: boolean }) => string | null | undefined | Promise<string | null | undefined>;
}

export interface CallOptions {
  permalink: string;
  queryParams?: Record<string, QueryValue | QueryValue[]>;
  headers?: Record<string, string>;
  /** Milliseconds, for this call. */
  timeout?: number;
  /** Ends the call; it rejects with the signal's reason. */
  signal?: AbortSignal;
}

export interface ConnectorOptions extends CallOptions {
  /** The connector's own method. */
  method: Method;
  /** Sent as JSON, by POST, PUT and PATCH only. */
  payload?: object;
  pathParams?: Record<string, string | number>;
}

export interface CompositeOptions extends CallOptions {
  payload?: object;
  /** A composite connector takes none; a non-empty object rejects with ConnectorBoundaryError. */
  pathParams?: Record<string, never>;
}

export interface Raw {
  /** Resolve to the `Response`, its body not read. */
  raw: true;
}

export interface ServerSentEvent {
  /** `message` unless the stream says otherwise. */
  event: string;
  data: string;
  /** The last id that the stream gave, or `""`. */
  id: string;
  /** The last reconnection time that the stream gave, in milliseconds. */
  retry?: number;
}

/** Parsed JSON; text for `text/*` and XML; a Blob for anything else; `null` for an empty reply. */
export type Result = JsonValue | Blob;

export interface Connectors {
  execute(options: ConnectorOptions & Raw): Promise<Response>;
  execute<T = Result>(options: ConnectorOptions & { raw?: false }): Promise<T>;
  composite: {
    execute(options: CompositeOptions & Raw): Promise<Response>;
    execute<T = Result>(options: CompositeOptions & { raw?: false }): Promise<T>;
  };
  /** The server-sent events of a reply. The call is made with the first `next()`; `return()` ends it. */
  stream(options: ConnectorOptions): AsyncGenerator<ServerSentEvent, void, void>;
  /** Replaces those defaults that are given. */
  configure(changes: Defaults): void;
  /** Merges into the default headers; `null` or `undefined` removes one. */
  updateHeaders(headers: Record<string, string | null | undefined>): void;
  setDefaultTimeout(milliseconds: number): void;
  /** A copy, names in lower case. */
  getHeaders(): Record<string, string>;
  getDefaultTimeout(): number;
  getBaseUrl(): string;
}

export interface Client {
  connectors: Connectors;
}

/** Throws TypeError for an option that does not exist or cannot be used, as all its members do. */
export function createClient(options?: ClientOptions): Client;

/** Sealgate, or the API behind it, answered with an error. */
export class ConnectorExecuteError extends Error {
  readonly name: "ConnectorExecuteError";
  /** The HTTP status. */
  readonly status: number;
  readonly requestId?: string;
  /** The envelope's, such as `MISSING_PATH_PARAMETERS`; absent when the API itself answered. */
  readonly code?: string;
  readonly params?: string[];
  readonly detail?: string;
  /** The envelope's `scope`. */
  readonly failureScope?: string;
  /** Of the original's older envelope. */
  readonly reason?: string;
  /** The reply, read as a result is. */
  readonly body: Result;
  /** Seconds, from `Retry-After`. */
  readonly retryAfter?: number;
}

/** `pathParams` cannot be sent; nothing was. */
export class ConnectorBoundaryError extends Error {
  readonly name: "ConnectorBoundaryError";
  readonly reason: string;
}
