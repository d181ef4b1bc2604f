import type { Argument } from "./arguments.ts";
import type { BoardRequest } from "./board-requests.ts";
import type { BoardsClient } from "./boards-client.ts";
import { BoardsFailure, exitCodes } from "./failure.ts";
import { InputEnded, type Prompt } from "./prompt.ts";

export interface MenuItem {
  /** What the person types. */
  readonly key: string;
  readonly label: string;
  /** `leave` ends the menu. */
  run(): Promise<"leave" | "stay">;
}

/** The person gave nothing for an argument, so nothing happens. */
export class NothingGiven extends BoardsFailure {
  constructor() {
    super("nothing was done", exitCodes.done);
  }
}

/** Shows a menu until one of its items ends it. A failure is shown, and the menu goes on. */
export async function runMenu(
  prompt: Prompt,
  title: () => string,
  items: readonly MenuItem[],
): Promise<void> {
  for (;;) {
    const listed = items.map(({ key, label }) => `  ${key}  ${label}`).join("\n");
    prompt.say(`\n${title()}\n${listed}`);
    const typed = (await prompt.line("> ")).trim().toLowerCase();
    const item = items.find(({ key }) => key.toLowerCase() === typed);
    if (item === undefined) {
      prompt.say(`Type one of: ${items.map(({ key }) => key).join(", ")}`);
      continue;
    }
    try {
      if ((await item.run()) === "leave") return;
    } catch (error) {
      if (!(error instanceof BoardsFailure) || error instanceof InputEnded) throw error;
      prompt.say(`! ${error.message}`);
    }
  }
}

/** Asks until the text is one that the argument takes. An empty line ends the item. */
export async function askArgument<T>(prompt: Prompt, { name, doc, parse }: Argument<T>): Promise<T> {
  for (;;) {
    const text = (await prompt.line(`${doc}: `)).trim();
    if (text === "") throw new NothingGiven();
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof BoardsFailure)) throw error;
      prompt.say(`! ${error.message.replace(`${name}: `, "")}`);
    }
  }
}

export const isSure = async (prompt: Prompt, question: string): Promise<boolean> =>
  /^y(es)?$/i.test((await prompt.line(`${question} [y/N] `)).trim());

/** An item that sends a request. It asks for no field that `known` has. */
export const requestItem = (
  { prompt, client }: { readonly prompt: Prompt; readonly client: BoardsClient },
  [key, label]: readonly [key: string, label: string],
  { type, args, options = {}, always = {}, confirm, text }: BoardRequest,
  known: { readonly [name: string]: unknown } = {},
): MenuItem => ({
  key,
  label,
  async run() {
    const given: { [name: string]: unknown } = { ...always, ...known };
    for (const [field, each] of Object.entries(args))
      if (!(field in given)) given[field] = await askArgument(prompt, each);
    for (const [field, { doc, parse }] of Object.entries(options)) {
      const line = (await prompt.line(`${doc} (or nothing): `)).trim();
      if (line !== "") given[field] = parse(line);
    }
    if (confirm !== undefined && !(await isSure(prompt, confirm))) throw new NothingGiven();
    prompt.say(text(await client.ask(type, given)));
    return "stay";
  },
});

export const leaving = (key: string, label: string): MenuItem => ({
  key,
  label,
  run: async () => "leave",
});

/** An item that opens another menu. */
export const opening = (key: string, label: string, open: () => Promise<void>): MenuItem => ({
  key,
  label,
  async run() {
    await open();
    return "stay";
  },
});
