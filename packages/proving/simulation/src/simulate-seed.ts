import { lockKindOf } from "@sallyport/lock-core";
import { Random } from "@sallyport/random";
import { CheapCredentials } from "./cheap-passwords.ts";
import { AccountUnderCharacter } from "./checkers/account-under-character.ts";
import { AcknowledgedSaves } from "./checkers/acknowledged-saves.ts";
import { Answers } from "./checkers/answers.ts";
import { AwaitedLogins } from "./checkers/awaited-logins.ts";
import { Bans } from "./checkers/bans.ts";
import { Belongings } from "./checkers/belongings.ts";
import { AtCharacterSelect } from "./checkers/character-select.ts";
import { type Checker, RuleBook, type Violation } from "./checkers/checker.ts";
import { Evictions } from "./checkers/evictions.ts";
import { Fences } from "./checkers/fences.ts";
import { GatewayRoutes } from "./checkers/gateway-routes.ts";
import { GatewayStreams } from "./checkers/gateway-streams.ts";
import { HeldAccounts } from "./checkers/held-accounts.ts";
import { InPlay } from "./checkers/in-play.ts";
import { KeptCharacters } from "./checkers/kept-characters.ts";
import { KeptPlayers } from "./checkers/kept-players.ts";
import { KnownLocks } from "./checkers/known-locks.ts";
import { LastingLocks } from "./checkers/lasting-locks.ts";
import { LeavesNobody } from "./checkers/leaves-nobody.ts";
import { LeftLocks } from "./checkers/left-locks.ts";
import { LockOwners } from "./checkers/lock-owners.ts";
import { createLoginIds } from "./checkers/login-ids.ts";
import { Logins } from "./checkers/logins.ts";
import { LostLocks } from "./checkers/lost-locks.ts";
import { noBugs } from "./checkers/no-bugs.ts";
import { OvertakenLogins } from "./checkers/overtaken-logins.ts";
import { Passwords } from "./checkers/passwords.ts";
import { Progress } from "./checkers/progress.ts";
import { PromptAnswers } from "./checkers/prompt-answers.ts";
import { PutOut } from "./checkers/put-out.ts";
import { RefusedEntries } from "./checkers/refused-entries.ts";
import { ServerEnds } from "./checkers/server-ends.ts";
import { StepsDown } from "./checkers/steps-down.ts";
import { Takeovers } from "./checkers/takeovers.ts";
import { Told } from "./checkers/told.ts";
import { TrueAnswers } from "./checkers/true-answers.ts";
import { Visits } from "./checkers/visits.ts";
import { WorldStates } from "./checkers/world-states.ts";
import { ClientProgram } from "./client-program.ts";
import { Cluster } from "./cluster.ts";
import { Disturbances } from "./disturbances.ts";
import { EventLoop } from "./event-loop.ts";
import type { Fact } from "./facts.ts";
import { FaultInjector } from "./fault-injector.ts";
import { Homecoming } from "./homecoming.ts";
import { Network } from "./network.ts";
import { Operator } from "./operator.ts";
import { drawPlan, leaveOut } from "./plan.ts";
import { gatewayDrainMs } from "./plan-topology.ts";
import { type LeftOut, nothingLeftOut, type Plan } from "./planned.ts";
import { populate } from "./population.ts";
import {
  betweenDoorsMs,
  heldMs,
  linkDownMs,
  lossMs,
  recoveryMs,
  setBackMs,
  settleMs,
} from "./recovery-bound.ts";
import { gatewayPatienceMs, gatewayUnreachedMs } from "./simulated-gateway.ts";
import { SimulatedStores, type Underneath } from "./simulated-stores.ts";
import { driftMax } from "./store-clock.ts";
import { WireTap } from "./wire-tap.ts";

export interface SeedOptions {
  readonly leftOut?: LeftOut;
  /** Receives each line of the log. Without it, servers log nothing. */
  readonly line?: (text: string) => void;
  /** Receives every fact of the run. */
  readonly saw?: (fact: Fact) => void;
  readonly plant?: (stores: Underneath) => Underneath;
}

export interface SeedResult {
  readonly seed: number;
  readonly plan: Plan;
  readonly violation: Violation | null;
  readonly virtualMs: number;
  readonly events: number;
}

/** Maximum time for the last clients to leave and for the locks of vanished clients to run out. */
const emptyingMs = 60_000;

/**
 * Runs one cluster from its start, through all planned failures, until every account is in the world again
 * and all locks are gone.
 */
export async function simulateSeed(seed: number, options: SeedOptions = {}): Promise<SeedResult> {
  const random = new Random(`seed ${seed}`);
  const plan = leaveOut(drawPlan(random.fork("plan")), options.leftOut ?? nothingLeftOut);
  const loop = new EventLoop();
  const saves = new AcknowledgedSaves();
  const graceMs = plan.timing.reconnectMs + plan.timing.reclaimMs;
  const isWallSet = plan.faults.some(({ kind }) => kind === "wall-clock");
  const locks = new KnownLocks();
  const visits = new Visits();
  const logins = new Logins(visits);
  const disturbances = new Disturbances();
  const charIdsOf = (life: string): readonly number[] | null => cluster.charIdsOf(life);
  const storedSteps = (charId: number): number => saves.storedSteps(charId);
  const checkers: readonly Checker[] = [
    new LockOwners(),
    new LostLocks(graceMs),
    new AccountUnderCharacter(),
    new Fences(),
    createLoginIds(),
    new ServerEnds(),
    saves,
    new Answers(40_000),
    new GatewayStreams(),
    new GatewayRoutes(gatewayUnreachedMs * (1 - driftMax)),
    new KeptCharacters(isWallSet ? 0 : plan.deletionS * 1_000),
    new PromptAnswers(disturbances),
    new InPlay({ disturbances, charIdsOf, holdMs: heldMs(plan), evictMs: plan.timing.evictMs }),
    new PutOut({ visits, logins, disturbances, betweenDoorsMs: 0.9 * betweenDoorsMs(plan.timing) }),
    new AtCharacterSelect(visits, disturbances, plan.timing.chooseMs),
    new Evictions({ locks, visits, logins, disturbances, holdMs: heldMs(plan) + linkDownMs }),
    new Takeovers(disturbances),
    new Progress({ disturbances, charIdsOf, storedSteps, autosaveMs: plan.autosaveMs }),
    new LeftLocks(visits, locks, disturbances),
    new KeptPlayers({ locks, disturbances, players: () => cluster.players() }),
    new AwaitedLogins(disturbances),
    new Bans({ locks, disturbances }),
    new Passwords(locks, disturbances),
    new OvertakenLogins(disturbances),
    new Told(disturbances),
    new TrueAnswers(locks),
    new LeavesNobody(locks),
    new RefusedEntries(visits, locks, disturbances),
    new StepsDown({ locks, disturbances, players: () => cluster.players() }),
    new HeldAccounts({ visits, locks, disturbances, settledMs: heldMs(plan) + linkDownMs }),
    new LastingLocks(visits, charIdsOf),
    new WorldStates(),
    new Belongings(),
    noBugs,
  ];
  let violation: Violation | null = null;
  const violate = (checker: string, what: string | null): void => {
    if (what === null || violation !== null) return;
    violation = { checker, atMs: loop.nowMs, what };
    note(`VIOLATION of ${checker}: ${what}`);
  };
  const rules = new RuleBook(checkers);
  const { line, saw } = options;
  const note = (text: string): void => line?.(`${loop.nowMs.toFixed(3)} ${text}`);
  const observer = {
    see(fact: Fact, nowMs: number): void {
      if (line !== undefined) note(describe(fact));
      saw?.(fact);
      disturbances.saw(fact, nowMs);
      locks.saw(fact, nowMs);
      visits.saw(fact, nowMs);
      logins.saw(fact, nowMs);
      for (const { checker, holds } of rules.of(fact.type)) violate(checker, holds(fact, nowMs));
    },
  };

  const { plant } = options;
  const { drift, isInterleaved } = plan;
  const stores = new SimulatedStores({
    loop,
    random: random.fork("stores"),
    observer,
    graceMs,
    drift,
    isInterleaved,
    plant,
  });
  const network = new Network(loop, random.fork("network"), new WireTap(loop, observer));
  const cluster = new Cluster({ ...plan, loop, network, stores, observer, random: random.fork("cluster") });
  const see = (fact: Fact): void => observer.see(fact, loop.nowMs);
  const accounts = await populate(stores, random.fork("accounts"), { ...plan, see });
  const credentials = new CheapCredentials();
  const clientOptions = (name: string, account: number) => ({
    name,
    account: accounts[account] as (typeof accounts)[number],
    worlds: plan.worlds,
    loop,
    cluster,
    network,
    observer,
    credentials,
    random: random.fork(name),
    hasEdits: plan.hasEdits,
    hasPasswordChanges: plan.hasPasswordChanges,
    storedSteps,
  });
  const failed = (): boolean => violation !== null;

  cluster.startAll();
  const programs = plan.clients.map(({ name, account, startMs, temper }) => {
    const program = new ClientProgram(clientOptions(name, account), temper);
    program.start(startMs);
    return program;
  });
  const injector = new FaultInjector({ loop, cluster, network, stores, note, observer });
  injector.schedule(plan.faults);
  const operator = { loop, cluster, stores, observer, accounts, random: random.fork("operator") };
  new Operator(operator).schedule(plan.acts);
  await loop.run(plan.calmMs, failed);

  note("calm");
  injector.heal();
  for (const program of programs) program.end();
  if (plan.settles) {
    await loop.run(loop.nowMs + settleMs(plan), failed);
    observer.see({ type: "settled", locks: stores.allLocks() }, loop.nowMs);
  }
  const homecomings = accounts.map((_, index) => new Homecoming(clientOptions(`home-${index}`, index)));
  for (const homecoming of homecomings) homecoming.start();
  const isLossPlanned = plan.faults.some(({ kind }) => kind === "locks-lost");
  const boundMs =
    loop.nowMs +
    recoveryMs(plan.timing, plan.secondLogin) +
    (isLossPlanned ? lossMs(plan.timing) : 0) +
    setBackMs(plan.faults) +
    (plan.gateways > 0 ? gatewayPatienceMs + gatewayDrainMs : 0);
  await loop.run(boundMs, () => failed() || homecomings.every(({ isHome }) => isHome));
  const endCheckers = (): void => {
    for (const checker of checkers) violate(checker.name, checker.end?.(loop.nowMs) ?? null);
  };
  const stuck = homecomings.find(({ isHome }) => !isHome);
  // The checkers judge first, because a missing answer explains more than a failed recovery.
  if (stuck !== undefined) endCheckers();
  if (stuck !== undefined) violate("recovery", `an account was not let in again; last ${stuck.lastRefusal}`);

  // The locks that remain, including locks of accounts that clients created.
  const locksLeft = (): readonly string[] =>
    (["login", ...plan.worlds] as const).flatMap((tier) =>
      [...stores.states[tier].locks].flatMap(([key, { value }]) =>
        lockKindOf(key) === "server" ? [] : [`${key} ${value}`],
      ),
    );
  await loop.run(
    loop.nowMs + emptyingMs + setBackMs(plan.faults),
    () => failed() || locksLeft().length === 0,
  );
  if (locksLeft().length > 0) violate("recovery", `locks that nobody holds stay: ${locksLeft().join(", ")}`);
  endCheckers();
  return { seed, plan, violation, virtualMs: loop.nowMs, events: loop.count };
}

function describe(fact: Fact): string {
  const { type, ...fields } = fact;
  const text = JSON.stringify(fields, (_, value) =>
    value instanceof Uint8Array
      ? Buffer.from(value).toString("hex")
      : value instanceof Error
        ? String(value)
        : value,
  );
  return `${type} ${text}`;
}
