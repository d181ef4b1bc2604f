import { printable } from "@sallyport/command-line";
import { ownId } from "./answer-text.ts";
import { type Argument, words } from "./arguments.ts";
import { type BoardRequest, boardRequests, commentsOfEntry, numbers } from "./board-requests.ts";
import type { BoardsClient } from "./boards-client.ts";
import { askArgument, leaving, type MenuItem, opening, requestItem, runMenu } from "./menu.ts";
import type { Prompt } from "./prompt.ts";
import { addProof, downloadProof, writeProof } from "./proofs.ts";

/* The menus of a client that is connected, with the numbers of the seed. */

interface At {
  readonly prompt: Prompt;
  readonly client: BoardsClient;
}

export function basicMenu(at: At): Promise<void> {
  const { prompt, client } = at;
  const { server, identity } = client;
  const r = boardRequests;
  return runMenu(prompt, () => printable(`${identity} at ${server.name}`), [
    leaving("0", "quit"),
    requestItem(at, ["1", "list boards"], r.list),
    opening("2", "open a board", async () => boardMenu(at, await found(at, numbers.board, r.show))),
    requestItem(at, ["3", "create a board"], r.create),
    requestItem(at, ["4", "list users"], r.users),
    opening("5", "open a user", async () => userMenu(at, await found(at, numbers.user, r.user))),
    opening("6", "open yourself", async () => userMenu(at, ownId(await client.ask(r.me.type, {})))),
  ]);
}

function boardMenu(at: At, leaderboard_id: number): Promise<void> {
  const { prompt } = at;
  const r = boardRequests;
  const of = { leaderboard_id };
  return runMenu(prompt, () => `Board ${leaderboard_id}`, [
    leaving("0", "back"),
    requestItem(at, ["1", "entries"], r.show, of),
    requestItem(at, ["2", "entries that are not verified"], r.unverified, of),
    requestItem(at, ["3", "submit a score"], r.submit, of),
    opening("4", "open an entry", async () => entryMenu(at, await found(at, numbers.entry, r.entry))),
    requestItem(at, ["5", "who may do what"], r.groups, of),
    requestItem(at, ["6", "order of scores"], r.order, of),
    removal(requestItem(at, ["7", "remove this board"], r.removeBoard, of)),
  ]);
}

function entryMenu(at: At, entry_id: number): Promise<void> {
  const { prompt, client } = at;
  const r = boardRequests;
  const of = { entry_id };
  return runMenu(prompt, () => `Entry ${entry_id}`, [
    leaving("0", "back"),
    requestItem(at, ["1", "view"], r.entry, of),
    opening("2", "add a proof", async () => {
      await addProof(client, entry_id, await askArgument(prompt, words("file", "path of the file")));
      prompt.say("Added.");
    }),
    opening("3", "download a proof", async () => {
      const data = await downloadProof(client, await askArgument(prompt, numbers.proof));
      const path = await askArgument(prompt, words("path", "path of a new file"));
      await writeProof(data, path);
      prompt.say(`Written to ${path}.`);
    }),
    requestItem(at, ["4", "remove a proof"], r.removeProof),
    requestItem(at, ["5", "comments"], commentsOfEntry, of),
    requestItem(at, ["6", "comment"], r.comment, of),
    requestItem(at, ["7", "verify"], r.verify, of),
    requestItem(at, ["8", "take the verification back"], r.unverify, of),
    removal(requestItem(at, ["9", "remove this entry"], r.removeEntry, of)),
  ]);
}

function userMenu(at: At, user_id: number): Promise<void> {
  const { prompt } = at;
  const r = boardRequests;
  const of = { user_id };
  return runMenu(prompt, () => `User ${user_id}`, [
    leaving("0", "back"),
    requestItem(at, ["1", "view"], r.user, of),
    requestItem(at, ["2", "permissions"], r.permissions, of),
    requestItem(at, ["3", "set a permission"], r.permit, of),
    opening("4", "open an entry", async () => entryMenu(at, await found(at, numbers.entry, r.entry))),
    removal(requestItem(at, ["5", "remove this user"], r.removeUser, of)),
  ]);
}

/** Asks for a number, and whether the server has something of this number. If not, its refusal is shown. */
async function found(
  { prompt, client }: At,
  number: Argument<number>,
  { type, args, isList }: BoardRequest,
): Promise<number> {
  const asked = await askArgument(prompt, number);
  const [field = ""] = Object.keys(args);
  await client.ask(type, { [field]: asked, ...(isList === true && { limit: 1 }) });
  return asked;
}

/** After the removal the menu ends, because what it was about is gone. */
const removal = (item: MenuItem): MenuItem => ({
  ...item,
  async run() {
    await item.run();
    return "leave";
  },
});
