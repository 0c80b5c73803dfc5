// Runs widgets that were written for the Gainsight connectors SDK, as they are. Apache-2.0.

import { createClient } from "./sealgate.js";

export { ConnectorBoundaryError, ConnectorExecuteError } from "./sealgate.js";

const EXECUTE = ["permalink", "method", "payload", "queryParams", "pathParams", "headers"];
const COMPOSITE = ["permalink", "payload", "queryParams", "pathParams"];
const CONFIGURE = ["csrfToken", "headers", "timeout"];
const WITH_PAYLOAD = ["POST", "PUT", "PATCH"];

/**
 * An object as widgets receive it in `init(sdk)`. Takes the options of `createClient`.
 * @type {import("./adapter.d.ts").createSdk}
 */
export function createSdk(options) {
  const { connectors } = createClient(options);
  return {
    connectors: {
      ...connectors,
      execute: async (call) => connectors.execute(withoutUnsentPayload(pick(call, EXECUTE, "execute"))),
      composite: {
        execute: async (call) => {
          const { permalink, ...rest } = pick(call, COMPOSITE, "composite.execute");
          return connectors.composite.execute({ permalink: String(permalink), ...rest });
        },
      },
      configure: (changes) => connectors.configure(pick(changes, CONFIGURE, "configure")),
    },
  };
}

let shared;

/** The one that all widgets of a page share. Made when it is used: a bundle does not know where Sealgate is. */
export const sdk = {
  get connectors() {
    shared ??= createSdk();
    return shared.connectors;
  },
};

/** Deprecated, as in the original; each instance has settings of its own. */
export class WidgetServiceSDK {
  constructor(options = {}) {
    this.connectors = createSdk(pick(options, CONFIGURE, "WidgetServiceSDK")).connectors;
  }
}

globalThis.WidgetServiceSDK = WidgetServiceSDK;

/** Existing widgets may rely on it that what the original did not know had no effect. */
function pick(options, names, call) {
  const entries = Object.entries(options ?? {});
  for (const [name] of entries) {
    if (names.includes(name)) continue;
    console.warn(`sealgate: ${call} ignores the option "${name}"; it takes ${names.join(", ")}`);
  }
  return Object.fromEntries(entries.filter(([name]) => names.includes(name)));
}

function withoutUnsentPayload({ payload, ...call }) {
  if (payload == null || WITH_PAYLOAD.includes(call.method)) return { payload, ...call };
  console.warn(`sealgate: ${call.method} sends no payload; only ${WITH_PAYLOAD.join(", ")} do`);
  return call;
}
