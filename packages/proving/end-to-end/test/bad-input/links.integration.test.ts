import { randomBytes } from "node:crypto";
import { systemClock } from "@sallyport/clock";
import { clusterProtocolVersion, introduce } from "@sallyport/cluster-protocol";
import {
  type ByteChannel,
  type Handlers,
  interServerHeartbeat,
  interServerLimits,
  Link,
} from "@sallyport/link";
import { until } from "@sallyport/testkit";
import { encodeFrame, FrameSplitter, MessageCodec, type MessageTable } from "@sallyport/wire";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bytewise } from "../cluster/channel-with.ts";
import { linkPassword } from "../cluster/test-cluster.ts";
import { linkOffences, linkPorts, prove } from "./link-offences.ts";
import { type LinkName, named, offender, Scene } from "./scene.ts";

/* Unwanted peers connect to the link ports of the servers, while a player plays. */

let scene: Scene;
beforeAll(async () => {
  scene = await Scene.open();
});
afterAll(() => scene.close());

/** Returns the logged reason of a refusal. There must be exactly one refusal. */
function reasonIn(lines: readonly { readonly msg: string; readonly why?: string }[], of: string): string {
  const told = lines.filter(({ msg }) => msg === `${of} was refused`);
  expect(told).toHaveLength(1);
  return told[0]?.why ?? "no reason";
}

/** Introduces a server with an unused name over the channel. */
async function linkOver(channel: ByteChannel, name: LinkName) {
  const { table, credentials } = linkPorts[name];
  let end: string | null = null;
  const link = new Link<MessageTable, MessageTable>({
    channel: scene.overheard.listenTo(channel),
    sends: new MessageCodec(table),
    receives: new MessageCodec({}),
    handlers: {} as Handlers<MessageTable>,
    clock: systemClock,
    limits: interServerLimits,
    heartbeat: interServerHeartbeat,
    events: {
      closed: ({ type }) => {
        end = type;
      },
    },
  });
  const introduced = await introduce(
    link as never,
    { ...credentials, password: linkPassword },
    randomBytes,
    5_000,
  );
  return { link, introduced, end: () => end };
}

describe.each(["login", "char"] as const)("at the link port of the %s-server, a peer that", (name) => {
  const port = linkPorts[name];

  test.each(named(linkOffences))(
    "%s loses its connection, and no other is affected",
    async (_, { frames, why }) => {
      const lines = await scene.unharmedBy(async () => {
        const { channel, isClosed } = offender(await scene.reachLink(name));
        for (const frame of frames(port)) channel.send(frame);
        await until(isClosed, { what: "its connection is closed" });
      });
      expect(reasonIn(lines, port.of)).toMatch(why);
    },
  );

  test("replays the bytes of an admitted server is not admitted", async () => {
    const said: Uint8Array[] = [];
    const recording = (channel: ByteChannel): ByteChannel => ({
      ...bytewise(channel),
      send: (bytes) => {
        said.push(bytes);
        channel.send(bytes);
      },
    });
    await scene.unharmedBy(async () => {
      const { link, introduced } = await linkOver(recording(await scene.reachLink(name)), name);
      expect(introduced.ok).toBe(true);
      expect((await link.ask({ type: "link.leave" } as never, 5_000)).ok).toBe(true);
      link.close("left");
    });
    const lines = await scene.unharmedBy(async () => {
      const { channel, heard, isClosed } = offender(await scene.reachLink(name));
      for (const bytes of said.slice(0, 2)) channel.send(bytes);
      const answers = () => [...new FrameSplitter(1 << 20).push(heard())];
      await until(() => answers().length === 2, { what: "both are answered" });
      const [hello, proven] = answers();
      expect([hello?.kind, proven?.kind]).toEqual(["reply", "refusal"]);
      expect(Buffer.from(proven?.body ?? []).toString("latin1")).toContain("wrong-username-or-password");
      channel.close();
      await until(isClosed, { what: "its connection is closed" });
    });
    expect(reasonIn(lines, port.of)).toBe("wrong-username-or-password");
    expect(lines.find(({ msg }) => msg === `${port.of} linked`)).toBeUndefined();
  });

  test("sends a proof back to its sender is not admitted", async () => {
    await scene.unharmedBy(async () => {
      const first = offender(await scene.reachLink(name));
      first.channel.send(encodeFrame("request", 1, port.hello));
      await until(() => first.heard().length > 40, { what: "the nonce comes" });
      const nonce = first.heard().slice(-32);
      const second = offender(await scene.reachLink(name));
      const { credentials, table } = port;
      const hello = { type: "link.hello", version: clusterProtocolVersion, nonce, ...credentials };
      second.channel.send(encodeFrame("request", 1, new MessageCodec(table).encode(hello as never, 1_000)));
      second.channel.send(encodeFrame("request", 2, prove));
      for (const each of [first, second]) {
        each.channel.close();
        await until(each.isClosed, { what: "both are closed" });
      }
      expect(Buffer.from(second.heard()).toString("latin1")).not.toContain("cookie");
    });
    expect(scene.logbook.find("char-server linked")).toMatchObject({ peer: "alpha" });
  });

  test("sends one byte at a time is admitted like any other", async () => {
    await scene.unharmedBy(async () => {
      const { link, introduced } = await linkOver(bytewise(await scene.reachLink(name)), name);
      expect(introduced.ok).toBe(true);
      expect((await link.ask({ type: "link.leave" } as never, 5_000)).ok).toBe(true);
      link.close("left");
    });
  });

  test("sends nonsense after it was admitted loses only its own link", async () => {
    const lines = await scene.unharmedBy(async () => {
      const channel = await scene.reachLink(name);
      const { introduced, end } = await linkOver(channel, name);
      expect(introduced.ok).toBe(true);
      channel.send(encodeFrame("request", 77, port.foreign));
      await until(end, { what: "the link is closed" });
    });
    expect(lines.find(({ msg }) => msg === `${port.of} link lost`)).toMatchObject({
      why: "sent nonsense: unknown message",
    });
  });
});

test("no log line about any of this has a password, a login id, a cookie or a proof", () => {
  scene.expectNoSecretTold();
  const all = JSON.stringify(scene.logbook.lines);
  for (const byte of ["5a", "a5"]) expect(all).not.toContain(byte.repeat(8));
});
