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

test("a port in use is told by its setting, and so is a second one", async () => {
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const { port } = listening.address() as AddressInfo;
  const used = `port ${port} of 127.0.0.1 is in use already`;
  expect(await problemsWith({ LOGIN_PORT: String(port) })).toEqual([`LOGIN_PORT: ${used}`]);
  const both = { LOGIN_PORT: "0", LOGIN_WS_PORT: String(port) };
  expect(await problemsWith(both)).toEqual([`LOGIN_WS_PORT: ${used}`]);
});

test("one port for two doors names both settings, also where one of them listens on every address", async () => {
  const port = await freePort();
  const both = { LOGIN_PORT: port, ADMIN_PORT: port };
  const shared = [`LOGIN_PORT and ADMIN_PORT are both ${port}: each needs a port of its own`];
  expect(await problemsWith(both)).toEqual(shared);
  expect(await problemsWith({ ...both, ADMIN_HOST: "0.0.0.0" })).toEqual(shared);
  expect(await problemsWith({ ...both, LOGIN_HOST: "localhost" })).toEqual(shared);
});

test("one port on two addresses is two, and ports that are any free ones do not meet", async () => {
  const port = await freePort();
  const apart = { LOGIN_PORT: port, ADMIN_PORT: port, ADMIN_HOST: "127.0.0.2" };
  expect(await problemsWith(apart)).toEqual([]);
  expect(await problemsWith({ LOGIN_PORT: "0", ADMIN_PORT: "0" })).toEqual([]);
});

test("an address that the machine does not have is told by the setting that holds it", async () => {
  expect(await problemsWith({ LOGIN_PORT: await freePort(), LOGIN_HOST: "192.0.2.1" })).toEqual([
    "LOGIN_HOST: 192.0.2.1 is not an address of this machine",
  ]);
});

test("a port that is none is left to the setting itself", async () => {
  expect(await problemsWith({ LOGIN_PORT: "99999" })).toEqual([]);
});
