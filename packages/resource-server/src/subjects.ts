import { accepted, type Outcome } from "@sallyport/domain";
import type { FactStore, SubjectKind, Subjects } from "./facts.ts";
import type { Asker } from "./permissions.ts";
import { noSuch } from "./refusals.ts";

/*
 * Finds what a request is about. A request about something that does not exist is answered as such, before
 * permissions are looked at: ids are counted up, so whether one is taken tells nothing.
 */

/** The fields that name subjects. Each request has those of its subject. */
interface Ids {
  readonly leaderboard_id?: number;
  readonly entry_id?: number;
  readonly file_id?: number;
  readonly user_id?: number;
}

type Find<K extends SubjectKind> = (
  facts: FactStore,
  asker: Asker,
  ids: Ids,
) => Promise<Outcome<Subjects[K], "not-found">>;

const found = <T>(of: T | null, idField: string, what: string): Outcome<T, "not-found"> =>
  of === null ? noSuch(idField, what) : accepted(of);

const board = async (facts: FactStore, asker: Asker, { leaderboard_id = 0 }: Ids) =>
  found(await facts.board(leaderboard_id, asker.userId), "leaderboard_id", "leaderboard");
const user = async (facts: FactStore, asker: Asker, { user_id = 0 }: Ids) =>
  found(await facts.user(user_id, asker.userId), "user_id", "user");

export const findSubject: { readonly [K in SubjectKind]: Find<K> } = {
  nothing: async () => accepted(null),
  leaderboard: board,
  entry: async (facts, asker, { entry_id = 0 }) =>
    found(await facts.entry(entry_id, asker.userId), "entry_id", "entry"),
  proof: async (facts, asker, { file_id = 0 }) =>
    found(await facts.proof(file_id, asker.userId), "file_id", "proof"),
  user,
  async grant(facts, asker, ids) {
    const [onBoard, ofUser] = await Promise.all([board(facts, asker, ids), user(facts, asker, ids)]);
    if (!onBoard.ok) return onBoard;
    if (!ofUser.ok) return ofUser;
    const { leaderboardId } = onBoard.value;
    const { userId } = ofUser.value;
    const target = await facts.target(leaderboardId, userId);
    return accepted({ leaderboardId, userId, board: onBoard.value, ...target });
  },
};
