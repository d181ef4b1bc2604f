import { type Database, outboxDays, type ScoreOutbox, type Statement } from "@sallyport/database";
import { Unavailable } from "@sallyport/domain";
import type { Host } from "@sallyport/server-kit";
import { identityOf } from "./identities.ts";

/** At most this many scores are taken at once. */
const scoresMax = 200;
const lookEveryMs = 2_000;
/** If this process dies, another one takes its scores after this time. */
const leaseMs = 30_000;
/** A score whose board does not exist is looked at again after this time. */
const missingBoardMs = 60_000;
/** The log names a missing board at most once in this time, and at most this many boards. */
const sayAgainMs = 3_600_000;
const boardsSaidMax = 1_000;

const statements = {
  // An author becomes a user, as if it had shown a very old token: any token knows its name and class better.
  // An insertion draws an id before it meets a conflict, so authors that are users already are left out.
  know: {
    name: "resource-scores-know-users",
    text: `INSERT INTO resource.users (account_id, identity, named_by)
      SELECT DISTINCT ON (account_id) account_id, identity, 0
      FROM unnest($1::bigint[], $2::text[]) AS author (account_id, identity)
      WHERE NOT EXISTS (SELECT FROM resource.users WHERE users.account_id = author.account_id)
      ORDER BY account_id ON CONFLICT (account_id) DO NOTHING`,
  },
  // Returns the keys that are entries now, or were before.
  enter: {
    name: "resource-scores-enter",
    text: `WITH score AS MATERIALIZED (
        SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::double precision[], $5::text[],
          $6::double precision[]) AS asked (key, account_id, board, score, comment, at_ms)
      ), placed AS MATERIALIZED (
        SELECT score.*, leaderboards.id AS leaderboard_id, users.id AS user_id
        FROM score JOIN resource.leaderboards ON leaderboards.name = score.board
          JOIN resource.users ON users.account_id = score.account_id
        ORDER BY score.key FOR KEY SHARE OF leaderboards, users
      ), outdated AS (
        DELETE FROM resource.taken_scores WHERE taken_at < now() - interval '${2 * outboxDays} days'
      ), taken AS (
        INSERT INTO resource.taken_scores (key) SELECT key FROM placed ON CONFLICT (key) DO NOTHING RETURNING key
      ), entered AS (
        INSERT INTO resource.leaderboard_entries
          (leaderboard_id, user_id, score, submitted_at, verified, verified_at, source_key)
        SELECT leaderboard_id, user_id, score, to_timestamp(at_ms / 1000), true, now(), key
        FROM placed JOIN taken USING (key)
        ON CONFLICT (source_key) DO NOTHING RETURNING id, user_id, source_key
      ), commented AS (
        INSERT INTO resource.entry_comments (entry_id, user_id, content)
        SELECT entered.id, entered.user_id, comment FROM entered JOIN placed ON key = source_key
        WHERE comment <> ''
      ) SELECT key FROM placed`,
  },
} satisfies Record<string, Statement>;

export interface ScoreTakerDeps {
  /** In the database of the accounts. */
  readonly outbox: ScoreOutbox;
  /** The one of the leaderboards. */
  readonly database: Database;
}

/**
 * Takes the scores that games submitted, and makes each of them a verified entry of its board: the cluster has
 * checked whose it is. An entry is stored before its score is deleted from the outbox, and remembers the key of
 * the score. So a score counts once, also if this process dies in between, and whichever databases these are.
 * A score whose board does not exist stays in the outbox, and the log names the board.
 */
export class ScoreTaker {
  readonly #host: Pick<Host, "clock" | "log" | "failed">;
  readonly #deps: ScoreTakerDeps;
  readonly #said = new Map<string, number>();
  #stopLooking: () => void = () => {};
  #round: Promise<void> | null = null;
  #isWaiting = false;
  #isStopped = false;

  constructor(host: Pick<Host, "clock" | "log" | "failed">, deps: ScoreTakerDeps) {
    this.#host = host;
    this.#deps = deps;
  }

  start(): void {
    this.#stopLooking = this.#host.clock.every(lookEveryMs, () => void this.look());
    void this.look();
  }

  /** Takes all scores that are due. Resolves when that is done, or a database does not answer. */
  look(): Promise<void> {
    this.#round ??= this.#takeAll()
      .catch((error: unknown) => this.#waits(error))
      .finally(() => {
        this.#round = null;
      });
    return this.#round;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#stopLooking();
    await this.#round;
  }

  async #takeAll(): Promise<void> {
    let count = scoresMax;
    while (count === scoresMax && !this.#isStopped) count = await this.#takeSome();
    if (this.#isWaiting) this.#host.log.info({}, "scores of games are taken again");
    this.#isWaiting = false;
  }

  async #takeSome(): Promise<number> {
    const { outbox, database } = this.#deps;
    const scores = await outbox.take({ max: scoresMax, leaseMs });
    if (scores.length === 0) return 0;
    await database.query(statements.know, [
      scores.map(({ accountId }) => accountId),
      scores.map(({ accountId, accountName }) => identityOf({ name: accountName, sub: String(accountId) })),
    ]);
    const rows = await database.query<{ key: string }>(statements.enter, [
      scores.map(({ key }) => key),
      scores.map(({ accountId }) => accountId),
      scores.map(({ score }) => score.board),
      scores.map(({ score }) => score.score),
      scores.map(({ score }) => score.comment),
      scores.map(({ atMs }) => atMs),
    ]);
    const entered = new Set(rows.map(({ key }) => key));
    const left = scores.filter(({ key }) => !entered.has(key));
    await outbox.remove([...entered]);
    await outbox.postpone(
      left.map(({ key }) => key),
      missingBoardMs,
    );
    for (const board of new Set(left.map(({ score }) => score.board))) this.#missing(board);
    return scores.length;
  }

  #missing(board: string): void {
    const nowMs = this.#host.clock.nowMs();
    if (nowMs - (this.#said.get(board) ?? Number.NEGATIVE_INFINITY) < sayAgainMs) return;
    if (this.#said.size >= boardsSaidMax) this.#said.clear();
    this.#said.set(board, nowMs);
    this.#host.log.warn({ board }, "scores wait for a board that does not exist");
  }

  #waits(error: unknown): void {
    if (!(error instanceof Unavailable)) return this.#host.failed(error);
    if (!this.#isWaiting) this.#host.log.warn({ err: error }, "scores of games wait for a database");
    this.#isWaiting = true;
  }
}
