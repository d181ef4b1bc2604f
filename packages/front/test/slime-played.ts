import { codePages } from "@sallyport/dialects/ragnarok";
import { CharId } from "@sallyport/domain";
import type { Actor, GameEvent } from "@sallyport/sdk";
import { settled } from "@sallyport/testkit";
import type { NotDone } from "../src/asked.ts";
import type { Scene } from "../src/protocol.ts";
import { decrypted, encrypted } from "../src/protocols/slime/cipher.ts";
import { slimeProtocol } from "../src/protocols/slime/index.ts";
import { PayloadWriter } from "../src/protocols/slime/payload.ts";
import { Rooms } from "../src/protocols/slime/rooms.ts";
import { PlayedClient, type PlayedServers } from "./played.ts";

const maps = new Map([
  [1, "meadow"],
  [2, "grove"],
]);
const options = { rooms: new Rooms(maps, { x: 160, y: 120 }), world: null, motd: "Hi" } as const;
const more = { secondLogin: "takeover", clientsMax: 9, saysNoAccount: true } as const;
const protocol = slimeProtocol({ ...options, ...more, codePage: "windows-1252" });

export const message = (id: number): PayloadWriter => new PayloadWriter(codePages["windows-1252"]).u16(id);
const framed = ({ bytes }: PayloadWriter): Uint8Array =>
  Buffer.concat([Buffer.of(bytes.length & 0xff, bytes.length >> 8), decrypted(bytes)]);

export const login = (version = "0.106"): PayloadWriter =>
  message(10).text(version).text("ada").text("secret1").text("00:11:22:33:44:55");
/** `first` is the version in the form of the seed, and nothing in that of the real client. */
export const register = (...first: readonly string[]): PayloadWriter =>
  [...first, "ada", "secret1", "m"].reduce((to, text) => to.text(text), message(7));

export const refused = (of: NotDone["of"], refusal: NotDone["refusal"], detail?: string): NotDone => ({
  ...{ type: "refused", of, refusal, sentence: "No." },
  ...(detail === undefined ? {} : { detail }),
});

/** Where the player Ada is. */
export const ada: Scene = {
  ...{ charId: CharId(7), name: "Ada", map: "meadow", x: 160, y: 120, width: 20, height: 15 },
  ...{ cells: new Uint8Array(300), isRoom: true, unitsPerCell: 32, actors: new Map(), character: {} },
};
export const actor = (charId: number, name: string, kind: Actor["kind"] = "player"): Actor => ({
  ...{ charId: CharId(charId), name, sex: "female", kind, x: 10, y: 20, class: 0, shown: {} },
});
export const alpha = { name: "Alpha", host: "h", port: 1, players: 0, wsUrl: null };

/** A slime client, and the servers that the test plays for it. */
export class PlayedSlime {
  readonly client = PlayedClient.of(protocol);
  readonly servers: PlayedServers = this.client.servers;

  static async begins(): Promise<PlayedSlime> {
    const played = new PlayedSlime();
    await settled();
    return played;
  }

  says(...messages: readonly PayloadWriter[]): Promise<void> {
    return this.client.sends(...messages.map(framed));
  }

  /** The payloads since the last call, in hexadecimal. */
  heard(): string[] {
    const { client } = this;
    const payloads: string[] = [];
    for (let at = 0; at < client.heard.length; ) {
      const end = at + 2 + client.heard.readUInt16LE(at);
      payloads.push(Buffer.from(encrypted(client.heard.subarray(at + 2, end))).toString("hex"));
      at = end;
    }
    client.heard = Buffer.alloc(0);
    return payloads;
  }

  get isClosed(): boolean {
    return this.client.isClosed;
  }

  /** What was asked of the servers last. */
  get asked(): unknown {
    return this.servers.asked.at(-1);
  }

  async tells(event: GameEvent): Promise<void> {
    this.servers.events?.heard(event);
    await settled();
  }

  /** Logs in with a character on the map of the scene. A game that is no slime game refuses its command. */
  async enters(scene: Scene, game: "slime" | "other" = "slime"): Promise<void> {
    const { servers } = this;
    await this.says(login());
    await servers.answer({ type: "done", of: "log-in", worlds: [alpha] });
    const character = { charId: CharId(7), slot: 0, name: "Ada", position: { map: scene.map, x: 1, y: 1 } };
    await servers.answer({ type: "done", of: "enter-world", characters: [character], slotCount: 9 });
    servers.scene = scene;
    await servers.answer({ type: "done", of: "choose" });
    servers.scene = { ...scene, map: "meadow" };
    await servers.answer({ type: "done", of: "enter-room" });
    if (game === "slime") await servers.answer({ type: "done", of: "command" });
    else await servers.answer(refused("command", "unknown-command"));
  }
}
