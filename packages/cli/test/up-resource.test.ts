import { tokenSettings } from "@sallyport/login-server";
import { resourceTierSettings } from "@sallyport/resource-server";
import { type Environment, readSettings } from "@sallyport/server-kit";
import { describe, expect, test } from "vitest";
import { checkKeys } from "../src/tiers/up-resource.ts";

const check = (environment: Environment) => () =>
  checkKeys(readSettings(resourceTierSettings, environment), readSettings(tokenSettings, environment));

describe("a resource-server beside a login-server", () => {
  test("needs a port for tokens, or another login-server that has one", () => {
    expect(check({ RESOURCE_PORT: "0" })).toThrow("need identity tokens");
    expect(check({ RESOURCE_PORT: "0", TOKEN_PORT: "0" })).not.toThrow();
    expect(check({ RESOURCE_PORT: "0", TOKEN_KEYS_URL: "http://127.0.0.1:8084" })).not.toThrow();
    expect(check({})).not.toThrow();
  });

  test("needs an audience for which that gives tokens", () => {
    const ports = { RESOURCE_HTTP_PORT: "0", TOKEN_PORT: "0" };
    expect(check({ ...ports, TOKEN_AUDIENCES: "games,shop" })).toThrow(
      "RESOURCE_AUDIENCE: resource is not one of TOKEN_AUDIENCES",
    );
    expect(check({ ...ports, TOKEN_AUDIENCES: "games,shop", RESOURCE_AUDIENCE: "shop" })).not.toThrow();
    expect(check({ TOKEN_PORT: "0", TOKEN_AUDIENCES: "games" })).not.toThrow();
  });
});
