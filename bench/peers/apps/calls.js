// What the two Node gateways have in common: the settings, signing, the session, reshaping.
import { createPrivateKey, createSecretKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { SignJWT, jwtVerify } from "jose";

export const config = JSON.parse(readFileSync(process.env.BENCH_CONFIG, "utf8"));
export const apiKey = { "x-api-key": config.api_key };

const sessionKey = createSecretKey(Buffer.from(config.session_secret));
const keys = {
  RS256: createPrivateKey(config.rs256),
  ES256: createPrivateKey(config.es256),
  HS256: createSecretKey(Buffer.from(config.hs256)),
};

export async function signed(algorithm) {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: "bench", sub: "service", aud: "https://api.example.com", exp: now + 3600, iat: now };
  const token = await new SignJWT(claims).setProtectedHeader({ alg: algorithm }).sign(keys[algorithm]);
  return { authorization: `Bearer ${token}` };
}

// A cached token of the client credentials grant; `post` sends a form and returns the JSON reply.
export function tokenSource(post) {
  let token, until = 0, fetching;
  async function fetchToken() {
    const reply = await post(
      `${config.upstream}/token`,
      new URLSearchParams({
        grant_type: "client_credentials",
        client_id: config.client_id,
        client_secret: config.client_secret,
      }).toString(),
    );
    token = reply.access_token;
    until = Date.now() + (reply.expires_in - 60) * 1000;
    fetching = undefined;
  }
  return async () => {
    if (Date.now() >= until) await (fetching ??= fetchToken());
    return { authorization: `Bearer ${token}` };
  };
}

export async function userFields(authorization) {
  const { payload } = await jwtVerify(authorization.slice("Bearer ".length), sessionKey, { algorithms: ["HS256"] });
  return {
    ...apiKey,
    "x-user-id": payload.sub,
    "x-user-email": payload.email,
    "x-user-name": `${payload.given_name} ${payload.family_name}`,
    "x-user-team": payload.profile_fields["3"],
    "x-expires": String(Math.floor(Date.now() / 1000) + 60),
  };
}

export function reshaped(text) {
  const document = JSON.parse(text);
  return JSON.stringify({
    count: document.total,
    rows: document.items.map((item) => ({
      key: item.id,
      label: `${item.name} <${item.email}>`,
      active: item.active,
      balance: item.balance,
    })),
  });
}

export function joined(first, second) {
  return JSON.stringify({ first: JSON.parse(first).id, second: JSON.parse(second).id });
}

export const query = (url) => (url.includes("?") ? url.slice(url.indexOf("?")) : "");
