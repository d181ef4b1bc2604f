import { AccountId, CharId, type Fence, problemOfScore, type Score } from "@sallyport/domain";
import type { Database, Statement } from "./database.ts";
import type { Row } from "./stored-values.ts";

/** A score under the fence of the character. */
export interface ScoreSubmission {
  /** Drawn once for each score. A submission that is repeated with its key changes nothing. */
  readonly key: string;
  readonly charId: CharId;
  readonly fence: Fence;
  readonly world: string;
  /** The submission is refused unless the character was handed to the server with this name. */
  readonly owner: string;
  readonly score: Score;
}

export interface OutboxScore {
  readonly key: string;
  readonly accountId: AccountId;
  /** At the time of the submission. Null: the account has only an e-mail address. */
  readonly accountName: string | null;
  readonly charId: CharId;
  readonly score: Score;
  /** Milliseconds since 1970. */
  readonly atMs: number;
}

/** A score that nobody has taken is deleted after this many days, with the next submissions. */
export const outboxDays = 30;

/**
 * The scores that `CharacterStore.submitScore` has stored. Every method can throw `Unavailable`, and can be
 * repeated.
 */
export interface ScoreOutbox {
  /**
   * Takes at most `max` scores that are due, those first that have been due for the longest time. No other
   * call gets them within `leaseMs`.
   */
  take(of: { readonly max: number; readonly leaseMs: number }): Promise<readonly OutboxScore[]>;
  /** Deletes scores that are stored elsewhere now. */
  remove(keys: readonly string[]): Promise<void>;
  /** No call takes these scores within `forMs`. */
  postpone(keys: readonly string[], forMs: number): Promise<void>;
}

/**
 * The row of the character is locked. So a statement that waited for a change of the owner is judged by the row
 * after that change.
 */
export const submitScoreStatement: Statement = {
  name: "character-submit-score",
  text: `WITH owner AS MATERIALIZED (
      SELECT id, account_id FROM characters
      WHERE id = $1 AND world = $3 AND lock_fence = $2 AND lock_fence > 0 AND $4::text <> '' AND lock_owner = $4
      FOR NO KEY UPDATE
    ), outdated AS (
      DELETE FROM score_outbox WHERE key IN (
        SELECT key FROM score_outbox WHERE at < now() - interval '${outboxDays} days'
        ORDER BY at LIMIT 2 FOR UPDATE SKIP LOCKED
      )
    ), submitted AS (
      INSERT INTO score_outbox (key, account_id, account_name, char_id, board, score, comment)
      SELECT $5, accounts.id, accounts.name, owner.id, $6, $7::double precision, $8
      FROM owner JOIN accounts ON accounts.id = owner.account_id
      ON CONFLICT (key) DO NOTHING
    ) SELECT id FROM owner`,
};

export function valuesOfSubmission({ key, charId, fence, world, owner, score }: ScoreSubmission) {
  const problem = problemOfScore(score);
  if (problem !== null) throw new RangeError(problem);
  return [charId, fence, world, owner, key, score.board, score.score, score.comment];
}

const statements = {
  take: {
    name: "score-outbox-take",
    text: `WITH due AS MATERIALIZED (
        SELECT key FROM score_outbox WHERE due_at <= now()
        ORDER BY due_at, key LIMIT $1 FOR UPDATE SKIP LOCKED
      )
      UPDATE score_outbox SET due_at = now() + $2 * interval '1 millisecond'
      FROM due WHERE score_outbox.key = due.key
      RETURNING score_outbox.key, account_id, account_name, char_id, board, score, comment, at`,
  },
  remove: { name: "score-outbox-remove", text: "DELETE FROM score_outbox WHERE key = ANY($1::text[])" },
  postpone: {
    name: "score-outbox-postpone",
    text: `UPDATE score_outbox SET due_at = now() + $2 * interval '1 millisecond'
      WHERE key = ANY($1::text[])`,
  },
} satisfies Record<string, Statement>;

interface OutboxRow extends Row {
  readonly key: string;
  readonly account_id: string;
  readonly account_name: string | null;
  readonly char_id: string;
  readonly board: string;
  readonly score: number;
  readonly comment: string;
  readonly at: Date;
}

export const createScoreOutbox = (database: Database): ScoreOutbox => ({
  take: async ({ max, leaseMs }) =>
    (await database.query<OutboxRow>(statements.take, [max, leaseMs])).map(scoreOf),
  remove: async (keys) => {
    if (keys.length > 0) await database.query(statements.remove, [keys]);
  },
  postpone: async (keys, forMs) => {
    if (keys.length > 0) await database.query(statements.postpone, [keys, forMs]);
  },
});

const scoreOf = (row: OutboxRow): OutboxScore => ({
  key: row.key,
  accountId: AccountId(Number(row.account_id)),
  accountName: row.account_name,
  charId: CharId(Number(row.char_id)),
  score: { board: row.board, score: row.score, comment: row.comment },
  atMs: row.at.getTime(),
});

interface OutboxRecord {
  readonly taken: OutboxScore;
  dueAtMs: number;
}

/** An outbox in memory. `submit` is called for scores whose fence is the one of the character. */
export interface MemoryScoreOutbox {
  readonly outbox: ScoreOutbox;
  readonly submit: (score: Omit<OutboxScore, "atMs">) => void;
}

export function createMemoryScoreOutbox(now: () => number): MemoryScoreOutbox {
  const records = new Map<string, OutboxRecord>();
  return {
    submit: (score) => {
      const atMs = now();
      const oldestMs = atMs - outboxDays * 86_400_000;
      const outdated = [...records.values()].filter(({ taken }) => taken.atMs < oldestMs).slice(0, 2);
      for (const { taken } of outdated) records.delete(taken.key);
      if (!records.has(score.key)) records.set(score.key, { taken: { ...score, atMs }, dueAtMs: atMs });
    },
    outbox: {
      take: async ({ max, leaseMs }) => {
        const nowMs = now();
        const due = [...records.values()].filter(({ dueAtMs }) => dueAtMs <= nowMs);
        const taken = due.sort((a, b) => a.dueAtMs - b.dueAtMs).slice(0, max);
        for (const record of taken) record.dueAtMs = nowMs + leaseMs;
        return taken.map((record) => record.taken);
      },
      remove: async (keys) => {
        for (const key of keys) records.delete(key);
      },
      postpone: async (keys, forMs) => {
        for (const key of keys) {
          const record = records.get(key);
          if (record !== undefined) record.dueAtMs = now() + forMs;
        }
      },
    },
  };
}
