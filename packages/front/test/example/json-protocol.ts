import { about, optionalPortSetting, portTlsSetting } from "@sallyport/server-kit";
import { WireError } from "@sallyport/wire";
import {
  ask,
  type Codec,
  close,
  type Effect,
  go,
  type Protocol,
  type Step,
  send,
} from "../../src/protocol.ts";
import { characterFor, worldOf } from "../../src/protocols/first-steps.ts";
import { protocolFolder } from "../../src/settings.ts";

type Said =
  | { readonly type: "log-in"; readonly name: string; readonly password: string }
  | { readonly type: "say"; readonly text: string };
type Told = { readonly welcome: string } | { readonly from: string; readonly text: string };
type State = { readonly at: "start" | "entering" | "playing" | "leaving" };

const lineBytesMax = 1_024;
const lineFeed = 0x0a;

/** One JSON object a line, in UTF-8. */
class JsonCodec implements Codec<Said, Told> {
  #line: number[] = [];

  read(bytes: Uint8Array): readonly Said[] {
    const said: Said[] = [];
    for (const byte of bytes) {
      if (byte === lineFeed) said.push(saidIn(this.#line.splice(0)));
      else if (this.#line.push(byte) > lineBytesMax) throw new WireError("line", "is too long");
    }
    return said;
  }

  write(told: Told): Uint8Array {
    return Buffer.from(`${JSON.stringify(told)}\n`);
  }
}

function saidIn(line: readonly number[]): Said {
  const { type, name, password, text } = objectIn(Buffer.from(line).toString());
  if (type === "log-in" && typeof name === "string" && typeof password === "string")
    return { type, name, password };
  if (type === "say" && typeof text === "string") return { type, text };
  throw new WireError("line", "is no message");
}

function objectIn(text: string): { readonly [key: string]: unknown } {
  try {
    return Object(JSON.parse(text)) as { readonly [key: string]: unknown };
  } catch {
    throw new WireError("line", "is no JSON");
  }
}

const tell = (from: string, text: string): Effect<Told> => send({ from, text });
const stay = (state: State): Step<State, Told> => go(state);
const leave = (text: string): Step<State, Told> => go({ at: "leaving" }, tell("server", text), close(text));

/** The rules of every state that has none of its own. */
const always = {
  said: stay,
  done: stay,
  heard: stay,
  tick: stay,
  refused: (_: State, { sentence }: { readonly sentence: string }) => leave(sentence),
  ended: (_: State, { sentence }: { readonly sentence: string }) => leave(sentence),
  late: () => leave("You took too long."),
  stopping: () => leave("The server stops."),
};

export const jsonProtocol: Protocol<State, Said, Told> = {
  name: "json",
  secondLogin: "takeover",
  messages: { "log-in": true, say: true },
  codec: () => new JsonCodec(),
  begin: go({ at: "start" }, send({ welcome: "Log in." })),
  withinMs: { start: 10_000 },
  table: {
    start: {
      ...always,
      said: (state, { message }) =>
        message.type === "log-in" ? go({ at: "entering" }, ask(message)) : go(state),
    },
    entering: {
      ...always,
      done(state, event) {
        if (event.of === "choose") return go({ at: "playing" }, send({ welcome: "You are in." }));
        if (event.of === "log-in") {
          const world = worldOf(event.worlds, null);
          return world === undefined
            ? leave("No world.")
            : go(state, ask({ type: "enter-world", world: world.name }));
        }
        if (event.of !== "enter-world") return go(state);
        const character = characterFor(event.characters, () => true);
        return character === undefined
          ? leave("No character.")
          : go(state, ask({ type: "choose", charId: character.charId }));
      },
    },
    playing: {
      ...always,
      said: (state, { message }) => (message.type === "say" ? go(state, ask(message)) : go(state)),
      refused: (state, { sentence }) => go(state, tell("server", sentence)),
      heard: (state, { event }) =>
        event.type === "actor.said" ? go(state, tell(event.name, event.text)) : go(state),
    },
    leaving: always,
  },
};

export const jsonFolder = protocolFolder({
  name: "json",
  usualPort: 7_024,
  tryWith: ({ host, port }) => `nc ${host} ${port}`,
  settings: about("front", {
    port: optionalPortSetting("JSON_PORT", "Port of the front for clients that send JSON.", "FRONT_HOST"),
    tls: portTlsSetting("JSON_TLS", "JSON_PORT"),
  }),
  serve: async (_, front, at) => front.serve(jsonProtocol, at),
});
