import type { ByteChannel } from "@sallyport/link";
import { until } from "@sallyport/testkit";
import { FrameSplitter } from "@sallyport/wire";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { channelWith } from "../cluster/channel-with.ts";
import { type Carrier, offender, Scene } from "./scene.ts";

/* An attacker sends recorded bytes of a client again. */

let scene: Scene;
beforeAll(async () => {
  scene = await Scene.open();
});
afterAll(() => scene.close());

/** Records the bytes that a client sends to the login door, the char door and the map door. */
class Recording {
  readonly connections: Uint8Array[][] = [];

  readonly over = (channel: ByteChannel): ByteChannel => {
    const said: Uint8Array[] = [];
    this.connections.push(said);
    return channelWith(channel, {
      send: (bytes) => {
        said.push(bytes);
        channel.send(bytes);
      },
    });
  };
}

const framesIn = (bytes: Uint8Array) => [...new FrameSplitter(4 << 20).push(bytes)];

describe.each(["tcp", "webSocket"] as const)("over %s, an overheard visit", (carrier: Carrier) => {
  test("that is over opens no door a second time", async () => {
    const account = await scene.cluster.account();
    const recording = new Recording();
    const player = await scene.playsBy(carrier, account, recording.over);
    expect((await player.game.leave()).ok).toBe(true);
    await scene.cluster.untilFree({ accountId: player.client.ticket?.accountId as never });
    const said = recording.connections;
    expect(said).toHaveLength(3);
    const words = { login: "wrong-name-or-password", char: "not-logged-in", map: "not-expected" } as const;
    for (const [index, door] of (["login", "char", "map"] as const).entries()) {
      await scene.unharmedBy(async () => {
        const { channel, heard } = offender(await scene.reach(door, carrier));
        for (const bytes of said[index] ?? []) channel.send(bytes);
        const asked = (said[index] ?? []).flatMap(framesIn).filter(({ kind }) => kind === "request").length;
        const answers = (): string[] =>
          framesIn(heard())
            .filter(({ kind }) => kind === "refusal" || kind === "reply")
            .map(({ kind, body }) => (kind === "reply" ? "reply" : Buffer.from(body).toString("latin1")));
        await until(() => answers().length === asked, { what: `${door}: all is answered` });
        // Any client may get a salt; all later answers must be refusals.
        const refused = answers().slice(door === "login" ? 1 : 0);
        expect(refused[0]).toContain(words[door]);
        expect(refused).not.toContain("reply");
        channel.close();
      });
    }
  });

  test("that goes on is not disturbed by a replay of its login", async () => {
    const account = await scene.cluster.account();
    const recording = new Recording();
    const player = await scene.playsBy(carrier, account, recording.over);
    const [login = []] = recording.connections;
    await scene.unharmedBy(async () => {
      const { channel, heard } = offender(await scene.reach("login", carrier));
      for (const bytes of login) channel.send(bytes);
      await until(() => framesIn(heard()).some(({ kind }) => kind === "refusal"), { what: "it is refused" });
      channel.close();
    });
    expect(player.ended()).toBeNull();
    expect((await player.game.walk(player.game.position.x + 1, player.game.position.y)).ok).toBe(true);
    expect((await player.game.leave()).ok).toBe(true);
  });
});

test("no log line about any of this has a password, a login id, a cookie or a proof", () => {
  scene.expectNoSecretTold();
});
