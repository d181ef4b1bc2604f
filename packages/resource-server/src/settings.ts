import {
  about,
  countSetting,
  optionalPortSetting,
  optionalTextSetting,
  portSetting,
  resourceDoorSettings,
  type Setting,
  textSetting,
} from "@sallyport/server-kit";

/** The ports that the seed's clients expect, and the one beside them for HTTP. */
export const usualResourcePorts = { tcp: 8086, http: 8087 } as const;

const portDoc = `Port on which clients connect to the resource-server, usually ${usualResourcePorts.tcp}. 0 picks a free port. In \`up\`, an empty setting opens none.`;

const keysUrl: Setting<string | null> = {
  ...optionalTextSetting(
    "TOKEN_KEYS_URL",
    "URL of the TOKEN_HTTP_PORT of login-servers, like http://login:8084. The resource-server gets the public keys and the list of revoked tokens there. In `up`, an empty setting means the login-server of this process.",
  ),
  parse(text) {
    if (text === "") return { ok: true, value: null };
    const url = /^https?:\/\/[^?#]+$/.test(text) && URL.canParse(text) ? new URL(text) : null;
    return url === null || url.username !== "" || url.password !== ""
      ? { ok: false, expected: "a URL like http://login:8084" }
      : { ok: true, value: text };
  },
};

/** What a resource-server needs when it runs in one process with a login-server. */
export const resourceTierSettings = {
  ...resourceDoorSettings,
  ...about("resource", {
    port: optionalPortSetting("RESOURCE_PORT", portDoc, "RESOURCE_HOST"),
    httpPort: optionalPortSetting(
      "RESOURCE_HTTP_PORT",
      `Port on which the resource-server takes the same requests over HTTP, usually ${usualResourcePorts.http}. 0 picks a free port; empty opens none.`,
      "RESOURCE_HOST",
    ),
    audience: textSetting(
      "RESOURCE_AUDIENCE",
      "Audience that tokens for the resource-server must have. TOKEN_AUDIENCES of the login-servers has to list it.",
      {
        fallback: "resource",
        // That of each of TOKEN_AUDIENCES.
        pattern: /^[\w.-]{1,64}$/,
        expected: "1 to 64 letters, digits, _, . or -",
      },
    ),
    keysUrl,
    unverifiedMax: countSetting(
      "RESOURCE_UNVERIFIED_MAX",
      "Maximum number of entries of one user on one leaderboard that nobody has verified. Further ones are refused.",
      1_000,
      1,
      1_000_000,
    ),
    proofBytesMax: countSetting(
      "RESOURCE_PROOF_BYTES_MAX",
      "Maximum number of bytes that the proofs of one user may take. Further proofs are refused.",
      100 << 20,
      0,
      Number.MAX_SAFE_INTEGER,
    ),
    longRequestsMax: countSetting(
      "RESOURCE_LONG_REQUESTS_MAX",
      "Maximum number of requests longer than 1 MiB, which are those with proofs, that may be without their answers at once. Each takes tens of MiB of memory. Clients that have not shown a valid token on their connection get half of these. Further ones are refused.",
      8,
      1,
      1_000,
    ),
  }),
};

/** In a process of its own, a resource-server opens its port unless told otherwise, and needs to know a login-server. */
export const resourceSettings = {
  ...resourceTierSettings,
  ...about("resource", {
    port: portSetting("RESOURCE_PORT", portDoc, usualResourcePorts.tcp, "RESOURCE_HOST"),
    keysUrl: { ...keysUrl, fallback: null, parse: required(keysUrl) },
  }),
};

function required({ parse }: Setting<string | null>): Setting<string>["parse"] {
  return (text) => {
    const parsed = parse(text);
    if (!parsed.ok) return parsed;
    return parsed.value === null ? { ok: false, expected: "a URL" } : { ok: true, value: parsed.value };
  };
}
