import { doorTlsSettings } from "@sallyport/server-kit";
import { expect, test } from "vitest";
import { settingNames } from "../src/commands/setting-names.ts";

test("the help of TLS_CERT names each setting that switches TLS off, with its port", () => {
  const switches = settingNames.filter((name) => name.endsWith("_TLS"));
  expect(switches).not.toEqual([]);
  const named = switches.flatMap((name) => [name, name.replace(/TLS$/, "PORT")]);
  expect(named.filter((name) => !new RegExp(`\\b${name}\\b`).test(doorTlsSettings.cert.doc))).toEqual([]);
});
