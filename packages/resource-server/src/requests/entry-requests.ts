import { accepted } from "@sallyport/domain";
import { z } from "zod";
import { has, levels, mayChange, maySee } from "../permissions.ts";
import { doneOr, noSuch } from "../refusals.ts";
import { answers } from "./answers.ts";
import { commentUnitsMax, entryId, flag, leaderboardId, paging, score, text } from "./fields.ts";
import { request } from "./request.ts";

/* Requests about entries of leaderboards, and comments on them. */

const ownOrModerate = "the author with write, and moderate";
const gone = noSuch("entry_id", "entry");

export const addEntry = request({
  type: 4,
  name: "AddEntry",
  doc: "submit a score. It is not verified yet",
  http: { method: "POST", path: "/leaderboards/{leaderboard_id}/entries" },
  fields: {
    leaderboard_id: leaderboardId,
    score,
    comment: text("the first comment. An empty text is none", 0, commentUnitsMax),
  },
  about: "leaderboard",
  changes: true,
  who: "write",
  may: ({ asker, subject }) => has(levels.write, asker, subject),
  data: answers.entryId,
  carryOut: (store, { asker, subject, values }) => store.entries.add(asker, subject, values),
});

export const listUnverified = request({
  type: 6,
  name: "ListUnverified",
  doc: "list the entries of a leaderboard that nobody has verified, by id",
  http: { method: "GET", path: "/leaderboards/{leaderboard_id}/unverified" },
  fields: { leaderboard_id: leaderboardId, ...paging },
  about: "leaderboard",
  changes: false,
  who: "read. Moderators see all of them, and authors who may write their own",
  may: ({ asker, subject }) => has(levels.read, asker, subject),
  data: z.array(
    z.tuple([answers.entryId, answers.userId, answers.identity, answers.score, answers.submitted]),
  ),
  carryOut: async (store, { asker, subject, values }) =>
    accepted(await store.entries.unverified(asker, subject, values)),
});

export const getEntry = request({
  type: 8,
  name: "GetEntry",
  doc: "show an entry with its comments and the names of its proofs",
  http: { method: "GET", path: "/entries/{entry_id}" },
  fields: { entry_id: entryId },
  about: "entry",
  changes: false,
  who: "read if it is verified, the author with write, and moderate",
  may: ({ asker, subject }) => maySee(asker, subject),
  data: z.object({
    entry: z.tuple([
      answers.entryId,
      answers.userId,
      answers.identity,
      answers.score,
      answers.submitted,
      answers.verified,
      answers.verifierId,
      answers.verifier,
      answers.verifiedAt,
    ]),
    comments: z.array(z.tuple([answers.identity, answers.written, answers.content])),
    files: z.array(z.tuple([answers.fileId, answers.fileName, answers.submitted])),
  }),
  async carryOut(store, { subject }) {
    const shown = await store.entries.show(subject.entryId);
    return shown === null ? gone : accepted(shown);
  },
});

export const modifyEntryVerification = request({
  type: 11,
  name: "ModifyEntryVerification",
  doc: "verify an entry, or take its verification back",
  http: { method: "PUT", path: "/entries/{entry_id}/verification" },
  fields: { entry_id: entryId, verified: flag("whether it is verified from now on") },
  about: "entry",
  changes: true,
  who: "moderate",
  may: ({ asker, subject }) => has(levels.moderate, asker, subject.board),
  data: answers.nothing,
  carryOut: (store, { asker, subject, values }) => store.entries.setVerified(asker, subject, values.verified),
});

export const addComment = request({
  type: 13,
  name: "AddComment",
  doc: "comment on an entry",
  http: { method: "POST", path: "/entries/{entry_id}/comments" },
  fields: { entry_id: entryId, content: text("the comment", 1, commentUnitsMax) },
  about: "entry",
  changes: true,
  who: ownOrModerate,
  may: ({ asker, subject }) => mayChange(asker, subject),
  data: answers.nothing,
  carryOut: (store, { asker, subject, values }) => store.entries.comment(asker, subject, values.content),
});

export const removeEntry = request({
  type: 14,
  name: "RemoveEntry",
  doc: "remove an entry with its comments and proofs",
  http: { method: "DELETE", path: "/entries/{entry_id}" },
  fields: { entry_id: entryId },
  about: "entry",
  changes: true,
  who: ownOrModerate,
  may: ({ asker, subject }) => mayChange(asker, subject),
  data: answers.nothing,
  carryOut: async (store, { subject }) => doneOr(await store.entries.remove(subject.entryId), gone),
});
