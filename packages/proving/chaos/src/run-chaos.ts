import { each, Stop } from "@sallyport/bots";
import { Random } from "@sallyport/random";
import type { Entrance } from "@sallyport/rig";
import { Credentials, systemClock } from "@sallyport/sdk";
import { until } from "@sallyport/testkit";
import { Author } from "./authors/author.ts";
import { AccountPasswords } from "./bots/account-passwords.ts";
import { ChaosBot } from "./bots/chaos-bot.ts";
import { addressOf, passwordOf, recordedVisitor } from "./bots/recorded-visitor.ts";
import { authorCheckers, hasEnded } from "./checks/board-writes.ts";
import { type Homecoming, judge, type Verdict } from "./checks/judge.ts";
import { orderCheckers } from "./checks/orders.ts";
import { type ChaosCluster, startChaosCluster } from "./cluster/chaos-cluster.ts";
import { serverNames } from "./cluster/names.ts";
import { nowMs } from "./history/fact.ts";
import { History } from "./history/history.ts";
import { inflict } from "./inflict.ts";
import { Operator } from "./operator/operator.ts";
import { describeAct, type PlannedAct } from "./operator/plan-acts.ts";
import { accountNames, authorNames, describeFault, type PlannedFault } from "./plan.ts";
import { chaosSettings, homeMsMax, stepMs } from "./timing.ts";
import { windUp } from "./wind-up.ts";

export interface ChaosOptions {
  readonly seed: number;
  readonly bots: number;
  readonly plan: readonly PlannedFault[];
  readonly acts: readonly PlannedAct[];
  readonly durationMs: number;
  readonly settings: Readonly<Record<string, string>>;
  readonly tell: (line: string) => void;
}

export interface ChaosRun {
  readonly history: History;
  readonly verdict: Verdict;
}

const registeringAtOnce = 4;
const lookEveryMs = 1_000;
const allEnteredMs = 60_000;
/** The locks of all accounts are free after so many milliseconds, which is more than the timers. */
const locksMs = 20_000;

export async function runChaos(options: ChaosOptions): Promise<ChaosRun> {
  const { tell, bots, settings } = options;
  const history = new History();
  const names = accountNames(bots);
  tell("starting Redis, Postgres, the servers, and a proxy before each port");
  const cluster = await startChaosCluster({
    settings: { ...chaosSettings, ...settings },
    secrets: [...names, ...authorNames].map(passwordOf),
    saw: history.saw,
  });
  try {
    return await new Run(options, cluster, history, names).run();
  } finally {
    await cluster.stop();
  }
}

interface Comer {
  readonly name: string;
  comeHome(): Promise<readonly string[]>;
}

/** Away from those of the bots. */
const authorAddressOf = (nth: number): string => addressOf(10_000 + nth);

type Entrances = readonly [Entrance, ...Entrance[]];

class Run {
  readonly #options: ChaosOptions;
  readonly #cluster: ChaosCluster;
  readonly #history: History;
  readonly #operator: Operator;
  readonly #stop = new Stop(systemClock);
  readonly #homeward = new Stop(systemClock);
  readonly #bots: readonly ChaosBot[];
  readonly #homecomers: readonly ChaosBot[];
  readonly #authors: readonly Author[];
  readonly #homecomingAuthors: readonly Author[];

  constructor(options: ChaosOptions, cluster: ChaosCluster, history: History, names: readonly string[]) {
    this.#options = options;
    this.#cluster = cluster;
    this.#history = history;
    const accounts = [...names, ...authorNames];
    const passwords = new Map(accounts.map((name) => [name, new AccountPasswords(passwordOf(name))]));
    // A password has one key with each salt, and some clients still show an old one.
    const credentials = new Credentials({ entriesMax: 4 * names.length });
    this.#operator = new Operator({
      ...{ cluster, passwords, saw: history.saw, stop: this.#stop },
      random: new Random(`seed ${options.seed}`).fork("operator"),
    });
    const botsWith = (stop: Stop, role: string, entrancesOf: (index: number) => Entrances): ChaosBot[] =>
      names.map(
        (name, index) =>
          new ChaosBot({
            account: { login: name, password: passwordOf(name), character: name },
            entrances: entrancesOf(index),
            from: addressOf(index),
            credentials,
            passwords: passwords.get(name) as AccountPasswords,
            saw: history.saw,
            random: new Random(`seed ${options.seed}`).fork(`${role} ${index}`),
            stop,
            stepMs,
          }),
      );
    this.#bots = botsWith(this.#stop, "bot", () => cluster.entrances);
    let numbers = 0;
    const authorsWith = (stop: Stop, role: string): Author[] =>
      authorNames.map(
        (name, nth) =>
          new Author({
            ...{ name, passwords: passwords.get(name) as AccountPasswords, from: authorAddressOf(nth), stop },
            ...{ places: cluster.authorPlaces, board: cluster.board, saw: history.saw },
            random: new Random(`seed ${options.seed}`).fork(`${role} ${nth}`),
            nextNumber: () => ++numbers,
            isEnded: (gotMs) => hasEnded(history, name, gotMs),
          }),
      );
    this.#authors = authorsWith(this.#stop, "author");
    this.#homecomingAuthors = authorsWith(this.#homeward, "homecoming author");
    this.#homecomers = botsWith(this.#homeward, "homecomer", (index) => [this.#homeOf(index)]);
  }

  async run(): Promise<ChaosRun> {
    const { tell } = this.#options;
    tell(`registering ${this.#bots.length} accounts`);
    await this.#register();
    tell("playing");
    const looking = setInterval(() => this.#look(), lookEveryMs);
    const playing = Promise.all([...this.#bots, ...this.#authors].map((each) => each.run()));
    try {
      await Promise.race([this.#untilAllHaveEntered(), playing]);
      await this.#inflictAll();
      const calmMs = nowMs();
      tell("all faults are over; everybody comes home");
      this.#stop.ask();
      // A fault interrupted the visits of many bots, and these visits have not ended yet. All accounts log in
      // again at once, without waiting for them.
      const [homecomings] = await Promise.all([this.#comeHome(calmMs), playing]);
      const aftermath = await windUp(this.#cluster, this.#history, { tell, locksMs });
      const players = this.#bots.length;
      const more = [...orderCheckers, ...authorCheckers].map((check) => check(this.#history));
      return {
        history: this.#history,
        verdict: judge(this.#history, { ...aftermath, homecomings, players }, more),
      };
    } finally {
      this.#stop.ask();
      this.#homeward.ask();
      clearInterval(looking);
    }
  }

  async #register(): Promise<void> {
    const registering = [
      ...this.#bots.map((bot) => ({ name: bot.name, register: () => bot.register() })),
      ...authorNames.map((name, nth) => ({ name, register: () => this.#registerAuthor(name, nth) })),
    ];
    await each(registering, registeringAtOnce, async ({ name, register }) => {
      if (!(await register())) throw new Error(`${name} could not be registered`);
    });
  }

  async #registerAuthor(name: string, nth: number): Promise<boolean> {
    const [entrance] = this.#cluster.entrances;
    const account = { login: name, password: passwordOf(name), character: name };
    const visitor = recordedVisitor({
      ...{ account, entrance, from: authorAddressOf(nth), credentials: new Credentials() },
      ...{ stop: this.#stop, stepMs, saw: this.#history.saw, heard: () => {} },
    });
    return (await entrance.protocol.register(visitor)).ok;
  }

  /** The first entry of an account creates its character. Before that, the operator has none to rename. */
  #untilAllHaveEntered(): Promise<unknown> {
    return until(() => this.#bots.every((bot) => bot.hasEntered), {
      what: "every account has been in the world",
      timeoutMs: allEnteredMs,
    });
  }

  async #inflictAll(): Promise<void> {
    const { plan, acts, durationMs } = this.#options;
    const startedMs = nowMs();
    const untilMs = (atMs: number): Promise<void> => this.#stop.wait(Math.max(0, startedMs + atMs - nowMs()));
    const inflictOne = async (fault: PlannedFault): Promise<void> => {
      await untilMs(fault.atMs);
      this.#tellOf(fault, "begins");
      const end = await inflict(this.#cluster, fault);
      await untilMs(fault.atMs + fault.forMs);
      await end();
      this.#tellOf(fault, "ends");
    };
    const carryOutOne = async (act: PlannedAct): Promise<void> => {
      await untilMs(act.atMs);
      const what = describeAct(act);
      this.#options.tell(what);
      const isDone = await this.#operator.carryOut(act, () => untilMs(act.atMs + act.forMs));
      this.#options.tell(`${isDone ? "over" : "left out"}: ${what}`);
    };
    await Promise.all([...plan.map(inflictOne), ...acts.map(carryOutOne), untilMs(durationMs)]);
  }

  #tellOf(fault: PlannedFault, change: "begins" | "ends"): void {
    const what = describeFault(fault);
    this.#history.saw({ type: "fault", atMs: nowMs(), of: fault.of, what, change });
    this.#options.tell(change === "begins" ? what : `over: ${what}`);
  }

  async #comeHome(calmMs: number): Promise<Homecoming[]> {
    const giveUp = this.#homeward.wait(homeMsMax * 2).then(() => this.#homeward.ask());
    const homeOf = async (comer: Comer, way: string): Promise<Homecoming> => {
      const refusals = await comer.comeHome();
      const isHome = refusals[refusals.length - 1] !== "never";
      return { account: comer.name, way, afterMs: isHome ? nowMs() - calmMs : null, refusals };
    };
    const homecomings = await Promise.all([
      ...this.#homecomers.map((bot, index) => {
        const { name, protocol } = this.#homeOf(index);
        return homeOf(bot, `${name} with ${protocol.name}`);
      }),
      ...this.#homecomingAuthors.map((author) => homeOf(author, "both ports of the resource-server")),
    ]);
    await Promise.all(this.#homecomers.map((bot) => bot.comeBack()));
    this.#homeward.ask();
    await giveUp;
    return homecomings;
  }

  /** Each player always uses the same door addresses. Otherwise a working address could hide a broken one. */
  #homeOf(index: number): Entrance {
    const { entrances } = this.#cluster;
    return entrances[index % entrances.length] ?? entrances[0];
  }

  #look(): void {
    for (const name of serverNames) this.#cluster.servers[name].lookAtMemory();
  }
}
