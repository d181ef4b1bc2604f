import { type AddressInfo, createServer } from "node:net";
import { freePorts } from "@sallyport/testkit";
import { afterEach, expect, test } from "vitest";
import { checkPorts, doorSettings, optionalPortSetting, type Settings, textSetting } from "../src/index.ts";

const settings: readonly Settings[] = [
  doorSettings("LOGIN", 7100),
  {
    admin: optionalPortSetting("ADMIN_PORT", "where operators ask", "ADMIN_HOST"),
    adminHost: textSetting("ADMIN_HOST", "its address", { fallback: "127.0.0.1" }),
  },
];
const listening = createServer();
afterEach(() => new Promise((resolve) => listening.close(resolve)));

const freePort = async (): Promise<string> => (await freePorts(1)).join();

const problemsWith = (environment: Record<string, string>): Promise<readonly string[]> =>
  checkPorts(settings, environment).then(
    () => [],
    ({ problems }) => problems,
  );

test("each port in use is reported with its setting", async () => {
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const { port } = listening.address() as AddressInfo;
  const used = `port ${port} of 127.0.0.1 is in use already`;
  expect(await problemsWith({ LOGIN_PORT: String(port) })).toEqual([`LOGIN_PORT: ${used}`]);
  const both = { LOGIN_PORT: "0", LOGIN_WS_PORT: String(port) };
  expect(await problemsWith(both)).toEqual([`LOGIN_WS_PORT: ${used}`]);
});

test("one port for two doors is reported with both settings, even if one listens on every address", async () => {
  const port = await freePort();
  const both = { LOGIN_PORT: port, ADMIN_PORT: port };
  const shared = [`LOGIN_PORT and ADMIN_PORT are both ${port}: each needs a port of its own`];
  expect(await problemsWith(both)).toEqual(shared);
  expect(await problemsWith({ ...both, ADMIN_HOST: "0.0.0.0" })).toEqual(shared);
  expect(await problemsWith({ ...both, LOGIN_HOST: "localhost" })).toEqual(shared);
});

test("one port on two addresses is no conflict, and neither are two free ports", async () => {
  const port = await freePort();
  const apart = { LOGIN_PORT: port, ADMIN_PORT: port, ADMIN_HOST: "127.0.0.2" };
  expect(await problemsWith(apart)).toEqual([]);
  expect(await problemsWith({ LOGIN_PORT: "0", ADMIN_PORT: "0" })).toEqual([]);
});

test("an address that the machine does not have is reported with its setting", async () => {
  expect(await problemsWith({ LOGIN_PORT: await freePort(), LOGIN_HOST: "192.0.2.1" })).toEqual([
    "LOGIN_HOST: 192.0.2.1 is not an address of this machine",
  ]);
});

test("an invalid port is left to the check of the setting", async () => {
  expect(await problemsWith({ LOGIN_PORT: "99999" })).toEqual([]);
});
