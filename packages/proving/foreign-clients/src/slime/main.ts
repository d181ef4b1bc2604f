import { printable } from "@sallyport/command-line";
import { Command } from "commander";
import type { Place } from "../byte-stream.ts";
import { addPlace } from "../place-options.ts";
import { runClient } from "../run-client.ts";
import type { TypedLines } from "../typed-lines.ts";
import {
  type Heard,
  readPlayer,
  type SlimeAccount,
  SlimeClient,
  slimeIds,
  str,
  u8,
  u16,
} from "./slime-client.ts";

const cases: { readonly [number: number]: string } = {
  2: "The given account does not exist",
  3: "The given password did not match",
  4: "Somebody is already logged in with that account",
  5: "Your version is not compatible with the server",
  6: "The given account is banned on this server",
  7: "You are banned by IP on this server",
  8: "Your device is banned on this server",
};

/** The server has one number for all of this, and does not say whether the name is taken. So the login is tried. */
const notRegistered =
  "Not registered: the name is taken or not allowed, the password is too short or too long, or the server refuses new accounts now. If the account is yours, this logs it in:";

const help = "Type to talk. /at X Y moves, /room N goes to a room, /emote N shows one, /quit leaves.";

const program = addPlace(
  new Command("slime").description("Logs in at the slime port of a front, and plays by lines of text."),
  { server: "front", port: "slime port", usual: 5_555 },
).option("--register", "register the name first, if it is free");

interface Options extends Place {
  readonly register?: true;
}

function print(text: string): void {
  for (const line of text.split("\n")) process.stdout.write(`${printable(line)}\n`);
}

/** A player of the protocol 0.106 for people: what it hears as lines, and lines as chat. */
async function slime({ register, ...place }: Options, lines: TypedLines): Promise<number> {
  const [name, password] = [await lines.ask("Name: "), await lines.askSecret("Password: ")];
  if (register) {
    const result = await registered(place, name, password);
    print(result === 1 ? "Registered." : notRegistered);
  }
  const client = await SlimeClient.connect(place);
  try {
    const account = await client.logsIn(name, password);
    if (account === null) throw client.notAnswered();
    if (typeof account === "number") {
      print(cases[account] ?? `Not logged in: ${account}.`);
      return 1;
    }
    print(
      `${account.motd}\nYou are ${account.name}, in room ${account.room} at ${account.x},${account.y}.\n${help}`,
    );
    // Nothing may happen for long.
    client.stream.patienceMs = Number.POSITIVE_INFINITY;
    await play(client, account, lines);
    return 0;
  } finally {
    client.stream.destroy();
  }
}

async function registered(place: Place, name: string, password: string): Promise<number> {
  const client = await SlimeClient.connect(place);
  try {
    const result = await client.registers(name, password);
    if (result === null) throw client.notAnswered();
    return result;
  } finally {
    client.stream.destroy();
  }
}

/** Obeys the lines and shows what happens, until the person leaves: by `/quit`, or by the end of the input. */
async function play(client: SlimeClient, account: SlimeAccount, lines: TypedLines): Promise<void> {
  let isLeaving = false;
  const act = async (): Promise<void> => {
    for await (const line of lines) {
      isLeaving ||= line === "/quit";
      const mistake = obey(client, line);
      if (mistake !== null) print(mistake);
    }
    isLeaving = true;
    client.says(slimeIds.logout);
  };
  const watch = async (): Promise<void> => {
    await hear(client, account);
    if (!isLeaving) throw client.stream.gone();
    print("The connection has ended.");
    lines.close();
  };
  await Promise.all([act(), watch()]);
}

/** A front passes over longer lines, and after three of them the player is disconnected. */
const chatCharsMax = 100;

interface Order {
  /** The count of numbers after the word. */
  readonly numbers: number;
  /** The greatest number that a field of the protocol holds, or that a room may have. */
  readonly most: number;
  readonly give: (client: SlimeClient, first: number, second: number) => void;
}

const orders: { readonly [word: string]: Order } = {
  at: { numbers: 2, most: 0xffff, give: (client, x, y) => client.says(slimeIds.stop, u16(x), u16(y)) },
  room: {
    numbers: 1,
    most: 1_000,
    give: (client, room) => client.says(slimeIds.room, u16(room), u16(160), u16(120)),
  },
  emote: { numbers: 1, most: 0xff, give: (client, emote) => client.says(slimeIds.emote, u8(emote)) },
  quit: { numbers: 0, most: 0, give: (client) => client.says(slimeIds.logout) },
};

/** Returns a sentence about the mistake of the person, or null. */
function obey(client: SlimeClient, line: string): string | null {
  if (!line.startsWith("/")) {
    if ([...line].length > chatCharsMax)
      return `Not said, because it is too long: at most ${chatCharsMax} characters.`;
    if (line.trim() !== "") client.says(slimeIds.chat, str(line));
    return null;
  }
  const [word = "", ...numbers] = line.slice(1).trim().split(/\s+/);
  const order = Object.hasOwn(orders, word) ? orders[word] : undefined;
  if (order === undefined || numbers.length !== order.numbers || !numbers.every((each) => /^\d+$/.test(each)))
    return help;
  if (numbers.some((each) => Number(each) > order.most)) return `/${word} takes numbers up to ${order.most}.`;
  order.give(client, Number(numbers[0]), Number(numbers[1]));
  return null;
}

/** The names of the players that the server has told of, by their numbers. */
class Names {
  readonly own: number;
  readonly #names: Map<number, string>;

  constructor({ pid, name }: SlimeAccount) {
    this.own = pid;
    this.#names = new Map([[pid, name]]);
  }

  set(pid: number, name: string): void {
    this.#names.set(pid, name);
  }

  of(pid: number): string {
    return this.#names.get(pid) ?? "somebody";
  }
}

/** What a person reads of a message. The fields are read in their order. */
const sentences: { readonly [id: number]: (heard: Heard, names: Names) => string } = {
  [slimeIds.newPlayer](heard, names) {
    const { pid, name, x, y } = readPlayer(heard);
    names.set(pid, name);
    return `${name} is here, at ${x},${y}.`;
  },
  [slimeIds.chat](heard, names) {
    const by = heard.short();
    const text = heard.string();
    // The words of the server come above the player itself, with this mark.
    const isNotice = by === names.own && text.startsWith("*** ");
    return isNotice ? text : `${names.of(by)}: ${text}`;
  },
  [slimeIds.logout]: (heard, names) => `${names.of(heard.short())} is gone.`,
  [slimeIds.stop]: (heard, names) => `${names.of(heard.short())} is at ${heard.short()},${heard.short()}.`,
  [slimeIds.emote]: (heard, names) => `${names.of(heard.short())} shows emote ${heard.byte()}.`,
  [slimeIds.put]: (heard) => `You are in room ${heard.short()} at ${heard.short()},${heard.short()}.`,
  [slimeIds.serverClose]: (heard) => `The server: ${heard.string()}`,
};

/** Shows what the server says until the end, and answers pings as the client of the original does. */
async function hear(client: SlimeClient, account: SlimeAccount): Promise<void> {
  const names = new Names(account);
  for (let heard = await client.next(); heard !== null; heard = await client.next()) {
    if (heard.id === slimeIds.ping) client.says(slimeIds.ping);
    const sentence = sentences[heard.id]?.(heard, names);
    if (sentence !== undefined) print(sentence);
  }
}

await runClient(program, slime);
