import { expect, test } from "vitest";
import type { NetworkBans } from "../src/index.ts";

const soonMs = 4_102_444_800_000;
const forEver = Number.POSITIVE_INFINITY;
const all = 10_000;

export function networkBansContract(bans: () => NetworkBans): void {
  async function made(ban: Parameters<NetworkBans["add"]>[0]): Promise<number> {
    const added = await bans().add(ban);
    if (!added.ok) throw new Error(added.refusal);
    return added.value.id;
  }

  test("are found in the order in which they were made, and again when they are lifted", async () => {
    const { version } = await bans().bansAfter(0, all);
    const network = { network: "192.0.2.0/24" };
    const first = await made({ of: network, untilMs: soonMs, reason: "a flood", by: "ops" });
    const second = await made({ of: { device: "mac-1" }, untilMs: forEver });
    const found = await bans().bansAfter(version, all);
    expect(found.items).toEqual(
      [
        { id: first, ...network, device: null, untilMs: soonMs, text: "a flood", isLifted: false },
        { id: second, network: null, device: "mac-1", untilMs: null, text: null, isLifted: false },
      ].map((ban) => expect.objectContaining(ban)),
    );
    expect(await bans().lift(first)).toEqual({ ok: true, value: {} });
    expect(await bans().lift(first)).toEqual({ ok: false, refusal: "no-such-ban" });
    expect((await bans().bansAfter(found.version, all)).items).toMatchObject([{ id: first, isLifted: true }]);
  });

  test("that hold are listed, the newest first, and only they are read by a server that has read none", async () => {
    const lifted = await made({ of: { device: "mac-2" }, untilMs: forEver });
    await bans().lift(lifted);
    const over = await made({ of: { device: "mac-3" }, untilMs: Date.now() - 1_000 });
    const held = await made({ of: { device: "mac-4" }, untilMs: forEver, by: "ops" });
    expect(await bans().list(1)).toMatchObject([{ id: held, device: "mac-4", by: "ops" }]);
    const ids = (await bans().bansAfter(0, all)).items.map(({ id }) => id);
    expect(ids).toContain(held);
    expect(ids).not.toContain(lifted);
    expect(ids).not.toContain(over);
  });
}
