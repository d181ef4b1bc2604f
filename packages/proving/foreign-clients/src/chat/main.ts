import { createInterface } from "node:readline/promises";
import { explain, parseProgram, printable, wholeNumber } from "@sallyport/command-line";
import { Command } from "commander";
import { type PlaceOptions, placeFrom } from "../place-options.ts";
import { ChatClient } from "./chat-client.ts";

/** A chat client for people, as the seed has one: name, password, then lines. */
async function main(): Promise<number> {
  const program = new Command("chat")
    .description("Talks to the chat port of a front, and shows what others say.")
    .option("--host <host>", "host of the front", "127.0.0.1")
    .option("--port <port>", "its chat port", wholeNumber(1, 65_535), 8080)
    .option("--tls", "speak TLS, as the port does if the front has a certificate", false)
    .option("--ca <file>", "PEM file with the authority of that certificate, if it is your own");
  const parsed = parseProgram(program, process.argv.slice(2), (each) => each.opts<PlaceOptions>());
  if (!parsed.ok) return explain(parsed);
  const client = await ChatClient.connect(placeFrom(parsed.value));
  // A person may think as long as it likes before it types, and a room may be silent.
  client.stream.patienceMs = Number.POSITIVE_INFINITY;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const print = (text: string): void => {
    for (const line of text.trimEnd().split("\n"))
      process.stdout.write(`${printable(line.replaceAll("\t", "  "))}\n`);
  };
  for (let said = ""; said !== "OK"; ) {
    const name = await terminal.question("Username: ");
    const answer = await client.tries(name, await terminal.question("Password: "));
    if (answer === null) return 1;
    said = answer;
    if (said !== "OK") print(said);
  }
  print((await client.plain()) ?? "");
  await client.exchangesKeys();
  terminal.on("line", (line) => client.says(line));
  terminal.on("close", () => client.stream.end());
  for (let heard = await client.secure(); heard !== null; heard = await client.secure()) print(heard);
  terminal.close();
  return 0;
}

process.exitCode = await main();
