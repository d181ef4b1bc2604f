import { printable } from "@sallyport/command-line";
import { Command } from "commander";
import type { Place } from "../byte-stream.ts";
import { ClientFailure } from "../client-failure.ts";
import { addPlaceWithTls, type PlaceOptions, placeFrom } from "../place-options.ts";
import { runClient } from "../run-client.ts";
import type { TypedLines } from "../typed-lines.ts";
import { ChatClient, secureBytesMax } from "./chat-client.ts";

const program = addPlaceWithTls(
  new Command("chat").description("Talks to the chat port of a front, and shows what others say."),
  { server: "front", port: "chat port", usual: 8080 },
);

/** The protocol has one word for all of this. */
const causes =
  "The password is wrong, or too short for a new account; the name is not allowed; the account or your address is banned; or the server refuses new accounts now.";

function print(text: string): void {
  for (const line of text.trimEnd().split("\n"))
    process.stdout.write(`${printable(line.replaceAll("\t", "  "))}\n`);
}

/** A chat client for people, as the seed has one: name, password, then lines. */
async function chat(options: PlaceOptions, lines: TypedLines): Promise<number> {
  const place = placeFrom(options);
  let client: ChatClient | null = null;
  while (client === null) client = await enter(place, lines);
  try {
    await talk(client, lines);
    return 0;
  } finally {
    client.stream.destroy();
  }
}

/** Null: the name or the password is wrong. A front waits some seconds for each, so both are typed before. */
async function enter(place: Place, lines: TypedLines): Promise<ChatClient | null> {
  const [name, password] = [await lines.ask("Username: "), await lines.askSecret("Password: ")];
  const client = await ChatClient.connect(place);
  // A room may be silent.
  client.stream.patienceMs = Number.POSITIVE_INFINITY;
  let isIn = false;
  try {
    const answer = await client.tries(name, password);
    if (answer === null) throw client.stream.gone();
    if (answer !== "OK") {
      print(answer);
      process.stderr.write(`${causes}\n`);
      return null;
    }
    const welcome = await client.plain();
    if (welcome === null) throw client.stream.gone();
    print(welcome);
    await client.exchangesKeys();
    // A server may refuse the room now, so nothing may be said or ended before.
    const first = await client.secure();
    if (first === null) throw client.stream.gone();
    print(first);
    if (!first.endsWith(": [ CONNECTED ]")) throw new ClientFailure("Not in the room. Nothing was said.", 1);
    isIn = true;
    return client;
  } finally {
    if (!isIn) client.stream.destroy();
  }
}

/** Says the lines and shows what others say, until the person leaves: by the word for it, or by the end of the input. */
async function talk(client: ChatClient, lines: TypedLines): Promise<void> {
  let isLeaving = false;
  const speak = async (): Promise<void> => {
    for await (const line of lines) {
      isLeaving ||= line.trim() === "disconnect";
      if (Buffer.byteLength(`${line}\n`) <= secureBytesMax) client.says(line);
      else print(`Not said, because it is too long: at most ${secureBytesMax - 1} bytes.`);
    }
    isLeaving = true;
    client.stream.end();
  };
  const hear = async (): Promise<void> => {
    for (let heard = await client.secure(); heard !== null; heard = await client.secure()) print(heard);
    if (!isLeaving) throw client.stream.gone();
    lines.close();
  };
  await Promise.all([speak(), hear()]);
}

await runClient(program, chat);
