import { each, type Stop } from "@sallyport/bots";
import {
  type Account,
  type Entrance,
  frontProtocols,
  type Player,
  type PlayerProtocol,
} from "@sallyport/rig";
import type { Credentials } from "@sallyport/sdk";
import { query, until } from "@sallyport/testkit";
import { passwordOf, recordedVisitor } from "../bots/recorded-visitor.ts";
import type { Fact } from "../history/fact.ts";

/*
 * Two guests come by the same entrance, each from an address of its own, and one of the addresses is banned. Guests
 * of fronts get to the servers from the address of the front, or from that of the gateway behind the front.
 */

export interface BansOptions {
  readonly entrances: readonly Entrance[];
  readonly databaseUrl: string;
  readonly credentials: Credentials;
  readonly saw: (fact: Fact) => void;
  readonly stop: Stop;
  readonly stepMs: number;
}

export interface BanOutcome {
  /** The account whose address was banned. */
  readonly hit: string;
  /** Null: the ban hit this account, and not the one beside it. */
  readonly problem: string | null;
}

const outMs = 30_000;
const atOnce = 2;

/** Bans one address at each front, for each of its protocols, and one at the gateway. */
export async function banGuests(options: BansOptions): Promise<readonly BanOutcome[]> {
  const { entrances } = options;
  const gateway = entrances.filter(({ name }) => name === "gateway").slice(0, 1);
  const chosen = [...gateway, ...entrances.filter(({ protocol }) => frontProtocols.includes(protocol))];
  const outcomes: BanOutcome[] = [];
  await each([...chosen.entries()], atOnce, async ([nth, entrance]) => {
    outcomes.push(await banOne(options, entrance, nth));
  });
  return outcomes;
}

async function banOne(options: BansOptions, entrance: Entrance, nth: number): Promise<BanOutcome> {
  const { protocol, name } = entrance;
  const hit = accountOf(protocol, `hit_${nth}`);
  const beside = accountOf(protocol, `beside_${nth}`);
  const address = `127.2.${nth}.1`;
  const visitorOf = (account: Account, from: string) =>
    recordedVisitor({ ...options, entrance, account, from, heard: () => {} });
  const visitors = [visitorOf(hit, address), visitorOf(beside, `127.2.${nth}.2`)] as const;
  const outcome = (problem: string | null): BanOutcome => ({
    hit: hit.character,
    problem: problem === null ? null : `${protocol.name} at ${name}: ${problem}`,
  });

  const players: Player[] = [];
  for (const visitor of visitors) {
    await protocol.register(visitor);
    const entered = await protocol.enter(visitor);
    if (!entered.ok) return outcome(`${visitor.account.character} is refused: ${entered.refusal}`);
    players.push(entered.value);
  }
  const [first, second] = players as [Player, Player];
  await ban(options.databaseUrl, address);
  const isOut = await until(() => !first.isIn, { what: "the ban bites", timeoutMs: outMs }).catch(
    () => false,
  );
  if (!isOut) return outcome(`${hit.character} is still in`);
  const again = await protocol.enter(visitors[0]);
  if (again.ok) return outcome(`${hit.character} comes in again`);
  const isHeard = second.isIn && (await second.say("I am still here")).ok;
  if (!isHeard) return outcome(`${beside.character} was hit too`);
  const left = await second.leave();
  return outcome(left.ok ? null : `${beside.character} could not leave: ${left.refusal}`);
}

function accountOf({ registersEmail }: PlayerProtocol, name: string): Account {
  const login = registersEmail ? `${name}@example.org` : name;
  return { login, password: passwordOf(name), character: name };
}

async function ban(databaseUrl: string, address: string): Promise<void> {
  const text = "INSERT INTO network_bans (kind, network, reason) VALUES ('network', $1, $2)";
  await query(databaseUrl, text, [`${address}/32`, "This address is banned."]);
}
