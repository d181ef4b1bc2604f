import type { Stop } from "@sallyport/bots";
import type { Random } from "@sallyport/random";
import type { AccountPasswords } from "../bots/account-passwords.ts";
import { withClient } from "../cluster/audit.ts";
import type { ChaosCluster } from "../cluster/chaos-cluster.ts";
import { type Fact, nowMs, type Order } from "../history/fact.ts";
import { type AdminAnswer, type AdminRequest, askAdmin } from "./admin-port.ts";
import type { PlannedAct } from "./plan-acts.ts";

export interface OperatorOptions {
  readonly cluster: Pick<ChaosCluster, "servers" | "databaseUrl" | "adminToken">;
  readonly passwords: ReadonlyMap<string, AccountPasswords>;
  readonly random: Random;
  readonly saw: (fact: Fact) => void;
  readonly stop: Stop;
}

/** The servers with an admin port that answers operators. */
const logins = ["login-1", "login-2"] as const;
const all = [...logins, "char"] as const;
const again = [200, 700] as const;
/**
 * No single fault lasts so long. After that, the operator does not know what became of the order, and touches
 * the account no more. Bans have to be lifted.
 */
const giveUpMs = 60_000;
const liftMs = 600_000;

/** Gives orders at any server that answers, as often as it takes to know what became of them. */
export class Operator {
  readonly #options: OperatorOptions;
  /** The names of characters that were renamed, by the name of the account. */
  readonly #names = new Map<string, string>();
  readonly #busy = new Set<string>();
  #given = 0;

  constructor(options: OperatorOptions) {
    this.#options = options;
  }

  /**
   * Resolves when it is known that the act was carried out, or was refused. A ban is lifted by then. An act is
   * left out while an earlier one on the account takes longer than planned. Resolves to whether it was not.
   */
  async carryOut(act: PlannedAct, untilBanIsOver: () => Promise<void>): Promise<boolean> {
    const { account } = act;
    if (this.#busy.has(account)) return false;
    this.#busy.add(account);
    const answer = await this.#act(act, untilBanIsOver);
    if (answer !== "unsure") this.#busy.delete(account);
    return true;
  }

  async #act(act: PlannedAct, untilBanIsOver: () => Promise<void>): Promise<AdminAnswer> {
    switch (act.kind) {
      case "ban":
        await this.#ban(act, "ban");
        await untilBanIsOver();
        return this.#ban(act, "unban");
      case "kick":
        return this.#kick(act.account);
      case "rename":
        return this.#rename(act.account);
      case "password":
      case "password and leave":
        return this.#setPassword(act.account, act.kind === "password and leave");
    }
  }

  async #ban({ account, by }: PlannedAct, what: "ban" | "unban"): Promise<AdminAnswer> {
    const fields: AdminRequest["fields"] = what === "ban" ? { until: "forever", reason: "chaos" } : {};
    return this.#ordered(account, what, () =>
      by === "SQL"
        ? this.#bySql(account, what)
        : this.#untilSure(all, { path: `/accounts/${account}/${what}`, fields }, liftMs),
    );
  }

  #kick(account: string): Promise<AdminAnswer> {
    return this.#ordered(account, "kick", () =>
      this.#untilSure(logins, { path: `/accounts/${account}/kick`, fields: {} }),
    );
  }

  async #setPassword(account: string, endsLogins: boolean): Promise<AdminAnswer> {
    const { passwords: of, saw } = this.#options;
    const passwords = of.get(account);
    if (passwords === undefined) throw new Error(`no account ${account}`);
    passwords.isBeingSet = true;
    const password = passwords.next();
    const told = (change: "asked" | "stored"): void =>
      saw({ type: "password", atMs: nowMs(), account, by: "operator", password, change });
    const fields = { password, ...(endsLogins && { endLogins: "yes" }) };
    const set = async () => {
      told("asked");
      const answer = await this.#untilSure(logins, { path: `/accounts/${account}/password`, fields });
      if (answer === "unsure") return answer;
      if (answer !== "done") throw new Error(`${account} got no new password: ${answer}`);
      told("stored");
      passwords.stored(password);
      passwords.isBeingSet = false;
      return answer;
    };
    return endsLogins ? this.#ordered(account, "end-logins", set) : set();
  }

  /** Gives the character of the account its other name. The account has one, or none yet. */
  async #rename(account: string): Promise<AdminAnswer> {
    const from = this.#names.get(account) ?? account;
    const to = from === account ? `${account}_x` : account;
    const asked = (name: string): AdminRequest => ({
      path: `/characters/${name}/rename`,
      fields: { to },
    });
    const answer = await this.#ordered(
      account,
      "rename",
      async () => {
        const renamed = await this.#untilSure(["char"], asked(from));
        // An earlier attempt may have done it.
        return renamed === "not-found" ? this.#untilSure(["char"], asked(to)) : renamed;
      },
      to,
    );
    if (answer === "done") this.#names.set(account, to);
    return answer;
  }

  /** Reports the order from the first attempt on. A kick of an account that nobody has is done. */
  async #ordered(
    account: string,
    what: Order["what"],
    order: () => Promise<AdminAnswer>,
    detail = "",
  ): Promise<AdminAnswer> {
    const { saw } = this.#options;
    this.#given += 1;
    const id = `${this.#given}`;
    const told = (change: Order["change"]): void =>
      saw({ type: "order", atMs: nowMs(), id, account, what, change, detail });
    told("asked");
    const answer = await order();
    const isDone = answer === "done" || answer === "not-held";
    told(isDone ? "done" : answer === "unsure" ? "unknown" : "refused");
    return answer;
  }

  async #untilSure(
    servers: readonly (typeof all)[number][],
    request: AdminRequest,
    withinMs = giveUpMs,
  ): Promise<AdminAnswer> {
    const { cluster, random } = this.#options;
    let isUnsure = false;
    for (const untilMs = nowMs() + withinMs; nowMs() < untilMs; ) {
      const { adminUrl } = cluster.servers[random.pick(servers)].process;
      const answer = await askAdmin(adminUrl, cluster.adminToken, request);
      if (answer === "done") return answer;
      // An earlier attempt may have been carried out. These refusals say that there is nothing more to do.
      const isFinal = !isUnsure || answer === "not-held" || answer === "not-found";
      if (answer !== "unsure" && isFinal) return answer;
      isUnsure = true;
      await this.#pause();
    }
    return "unsure";
  }

  async #bySql(account: string, what: "ban" | "unban"): Promise<AdminAnswer> {
    const until = what === "ban" ? "'infinity'" : "NULL";
    const statement = `UPDATE accounts SET banned_until = ${until}, ban_reason = 'chaos' WHERE name = $1`;
    for (const untilMs = nowMs() + liftMs; nowMs() < untilMs; ) {
      try {
        await withClient(this.#options.cluster.databaseUrl, (client) => client.query(statement, [account]));
        return "done";
      } catch {
        await this.#pause();
      }
    }
    throw new Error(`Postgres did not ${what} ${account}`);
  }

  /** Ends early when the run is over. */
  #pause(): Promise<void> {
    const { stop, random } = this.#options;
    return stop.wait(random.whole(...again));
  }
}
