/** Runs widgets that were written for the Gainsight connectors SDK, as they are. */

import type { Client, ClientOptions, Defaults } from "./sealgate.js";

export { ConnectorBoundaryError, ConnectorExecuteError } from "./sealgate.js";

/** An object as widgets receive it in `init(sdk)`. Unknown options of its calls are ignored with a warning. */
export function createSdk(options?: ClientOptions): Client;

/** The one that all widgets of a page share. */
export const sdk: Client;

/** @deprecated Each instance has settings of its own. */
export class WidgetServiceSDK {
  constructor(options?: Defaults);
  readonly connectors: Client["connectors"];
}

declare global {
  var WidgetServiceSDK: typeof import("./adapter.js").WidgetServiceSDK;
}
