import { networkInterfaces } from "node:os";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { type AdminPort, openAdminPort } from "../src/process/admin-port.ts";
import { PrometheusMetrics } from "../src/process/prometheus-metrics.ts";
import { startProcess } from "./server-process.ts";

const program = [fileURLToPath(new URL("../dist/health.js", import.meta.url))];
const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === "::1"),
);

let port: AdminPort | null = null;
afterEach(async () => {
  await port?.stop();
  port = null;
});

async function check(host: string, at: number): Promise<number> {
  const checked = startProcess([], { ADMIN_HOST: host, ADMIN_PORT: String(at) }, { program });
  const code = await checked.untilEnded();
  expect(checked.output).toBe("");
  return code;
}

describe("the check of a container passes only while the admin port answers", () => {
  test.for(["127.0.0.1", "0.0.0.0", "::1", "::"])("at %s", async (host, { skip }) => {
    if (host.includes(":") && !hasIpv6) return skip("this system has no IPv6");
    const log = { error() {} };
    port = await openAdminPort({ host, port: 0, log, metrics: new PrometheusMetrics(), checks: () => ({}) });
    expect(await check(host, port.address.port)).toBe(0);
    await port.stop();
    expect(await check(host, port.address.port)).toBe(1);
  });
});
