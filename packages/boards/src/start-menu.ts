import { printable, table } from "@sallyport/command-line";
import type { Argument } from "./arguments.ts";
import { basicMenu } from "./board-menus.ts";
import { BoardsClient, type ClientNeeds } from "./boards-client.ts";
import {
  addressText,
  type ClientData,
  checkServerName,
  type ResourceServer,
  readAddress,
  type Server,
  usualAudience,
  withAuthenticationServer,
  withoutResourceServer,
  withResourceServer,
} from "./client-data.ts";
import { wrongUsage } from "./failure.ts";
import { askArgument, leaving, NothingGiven, opening, runMenu } from "./menu.ts";
import type { Prompt } from "./prompt.ts";

/* The first menu: the servers that the client knows, by their numbers. Number 0 is the authentication server. */

const serverName: Argument<string> = { name: "name", doc: "name of the server", parse: checkServerName };
const address: Argument<Omit<Server, "name">> = {
  name: "address",
  doc: "its address, like 127.0.0.1:8086",
  parse: readAddress,
};

export async function startMenu(prompt: Prompt, needs: ClientNeeds): Promise<void> {
  const { file } = needs;
  let data = await file.read();
  await runMenu(prompt, () => serversText(data), [
    opening("C", "connect", async () => {
      const server = await numbered(prompt, data);
      await connect(prompt, needs, server, data);
      data = await file.read();
    }),
    opening("A", "add a resource-server", async () => {
      const added = { ...(await asked(prompt)), audience: usualAudience };
      data = await file.change((before) => withResourceServer(before, added));
    }),
    opening("E", "edit a server", async () => {
      const number = await askArgument(prompt, serverNumber(data, 0));
      const changed = await asked(prompt);
      const replaced = data.resourceServers[number - 1];
      data = await file.change((before) =>
        replaced === undefined
          ? withAuthenticationServer(before, changed)
          : withResourceServer(before, { ...replaced, ...changed }, replaced.name),
      );
    }),
    opening("R", "remove a resource-server", async () => {
      const { name } = await numbered(prompt, data);
      data = await file.change((before) => withoutResourceServer(before, name));
    }),
    leaving("Q", "quit"),
  ]);
}

async function connect(
  prompt: Prompt,
  needs: ClientNeeds,
  server: ResourceServer,
  { identities }: ClientData,
): Promise<void> {
  const [newest] = identities;
  const usual = newest === undefined ? "" : ` [${printable(newest.name)}]`;
  const typed = (await prompt.line(`identity${usual}: `)).trim();
  const identity = typed === "" ? newest?.name : typed;
  if (identity === undefined) throw new NothingGiven();
  const client = new BoardsClient(needs, server, identity);
  try {
    await client.logIn();
    await basicMenu({ prompt, client });
  } finally {
    client.close();
  }
}

export function serversText({ authenticationServer, resourceServers }: ClientData): string {
  const rowOf = (server: Server, number: number, kind: string): string[] => [
    ...[String(number), kind, server.name, addressText(server)],
  ];
  const first = authenticationServer === null ? [] : [rowOf(authenticationServer, 0, "authentication")];
  const others = resourceServers.map((server, index) => rowOf(server, index + 1, "resource"));
  const rows = [...first, ...others];
  return rows.length === 0 ? "No servers yet." : table(["NO", "KIND", "NAME", "ADDRESS"], rows);
}

const serverNumber = ({ resourceServers }: ClientData, least: 0 | 1): Argument<number> => ({
  name: "number",
  doc: least === 0 ? "number of the server; 0 is the authentication server" : "number of the server",
  parse: (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= least && number <= resourceServers.length) return number;
    throw wrongUsage(`there is no server ${text}`);
  },
});

async function numbered(prompt: Prompt, data: ClientData): Promise<ResourceServer> {
  if (data.resourceServers.length === 0) throw wrongUsage("there is no resource-server yet: add one first");
  const server = data.resourceServers[(await askArgument(prompt, serverNumber(data, 1))) - 1];
  if (server === undefined) throw wrongUsage("there is no such server");
  return server;
}

const asked = async (prompt: Prompt): Promise<Server> => ({
  name: await askArgument(prompt, serverName),
  ...(await askArgument(prompt, address)),
});
