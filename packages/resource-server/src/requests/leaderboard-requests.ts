import { accepted, refusedWith } from "@sallyport/domain";
import { z } from "zod";
import { has, levels, mayGrant } from "../permissions.ts";
import { doneOr, noSuch } from "../refusals.ts";
import { answers } from "./answers.ts";
import { clampedLevel, flag, leaderboardId, level, line, nameUnitsMax, paging, userId } from "./fields.ts";
import { request } from "./request.ts";

/* Requests about leaderboards, and about what they grant to users. */

const anybody = { who: "everybody", may: () => true } as const;
const gone = noSuch("leaderboard_id", "leaderboard");
const changedMeanwhile = refusedWith("conflict", "user_id: it was removed, or made a moderator, meanwhile");

export const listLeaderboards = request({
  type: 1,
  name: "ListLeaderboards",
  doc: "list the leaderboards that the user may read, with its level on each, by id",
  http: { method: "GET", path: "/leaderboards" },
  fields: paging,
  about: "nothing",
  changes: false,
  ...anybody,
  data: z.array(z.tuple([answers.leaderboardId, answers.leaderboardName, answers.level])),
  carryOut: async (store, { asker, values }) => accepted(await store.boards.list(asker, values)),
});

export const showLeaderboard = request({
  type: 2,
  name: "ShowOneLeaderboard",
  doc: "show a leaderboard with the entries that the user may see, the best first",
  http: { method: "GET", path: "/leaderboards/{leaderboard_id}" },
  fields: { leaderboard_id: leaderboardId, ...paging },
  about: "leaderboard",
  changes: false,
  who: "read. Moderators see all entries, others those that are verified, and authors who may write also their own",
  may: ({ asker, subject }) => has(levels.read, asker, subject),
  data: z.object({
    id: answers.leaderboardId,
    name: answers.leaderboardName,
    ascending: answers.ascending,
    entries: z.array(
      z.tuple([
        answers.entryId,
        answers.userId,
        answers.identity,
        answers.score,
        answers.submitted,
        answers.verified,
      ]),
    ),
  }),
  carryOut: async (store, { asker, subject, values }) =>
    accepted({
      id: subject.leaderboardId,
      name: subject.name,
      ascending: subject.isAscending,
      entries: await store.entries.ranked(asker, subject, values),
    }),
});

export const createLeaderboard = request({
  type: 3,
  name: "CreateLeaderboard",
  doc: "make a leaderboard. No other has its name",
  http: { method: "POST", path: "/leaderboards" },
  fields: {
    leaderboard_name: line("its name", nameUnitsMax),
    leaderboard_permission: clampedLevel("what everybody may do there"),
    leaderboard_ascending: flag("whether the lowest score is the best"),
  },
  about: "nothing",
  changes: true,
  who: "administrators",
  may: ({ asker }) => asker.isAdministrator,
  data: answers.leaderboardId,
  carryOut: (store, { values }) =>
    store.boards.create({
      name: values.leaderboard_name,
      defaultLevel: values.leaderboard_permission,
      isAscending: values.leaderboard_ascending,
    }),
});

export const removeLeaderboard = request({
  type: 12,
  name: "RemoveLeaderboard",
  doc: "remove a leaderboard with its entries, and their comments and proofs",
  http: { method: "DELETE", path: "/leaderboards/{leaderboard_id}" },
  fields: { leaderboard_id: leaderboardId },
  about: "leaderboard",
  changes: true,
  who: "administrators",
  may: ({ asker }) => asker.isAdministrator,
  data: answers.nothing,
  carryOut: async (store, { subject }) => doneOr(await store.boards.remove(subject.leaderboardId), gone),
});

export const changeScoreOrder = request({
  type: 17,
  name: "ChangeScoreOrder",
  doc: "say whether the lowest or the highest score is the best",
  http: { method: "PUT", path: "/leaderboards/{leaderboard_id}/order" },
  fields: { leaderboard_id: leaderboardId, ascending: flag("whether the lowest score is the best") },
  about: "leaderboard",
  changes: true,
  who: "administrators",
  may: ({ asker }) => asker.isAdministrator,
  data: answers.nothing,
  carryOut: async (store, { subject, values }) =>
    doneOr(await store.boards.setOrder(subject.leaderboardId, values.ascending), gone),
});

export const listAccessGroups = request({
  type: 7,
  name: "ListAccessGroups",
  doc: "list the users to whom a leaderboard grants a level, by level",
  http: { method: "GET", path: "/leaderboards/{leaderboard_id}/access" },
  fields: { leaderboard_id: leaderboardId, ...paging },
  about: "leaderboard",
  changes: false,
  who: "moderate",
  may: ({ asker, subject }) => has(levels.moderate, asker, subject),
  data: z.array(z.tuple([answers.userId, answers.identity, answers.level])),
  carryOut: async (store, { subject, values }) =>
    accepted(await store.boards.grants(subject.leaderboardId, values)),
});

export const setPermission = request({
  type: 15,
  name: "SetPermission",
  doc: "grant a user a level on a leaderboard, in place of what it granted before",
  http: { method: "PUT", path: "/leaderboards/{leaderboard_id}/access/{user_id}" },
  fields: { user_id: userId, leaderboard_id: leaderboardId, permission: level("what the user may do there") },
  about: "grant",
  changes: true,
  who: "administrators; and moderate, for levels below it and users below it",
  may: ({ asker, subject, values }) => mayGrant(asker, values.permission, subject),
  data: answers.nothing,
  carryOut: async (store, { asker, subject: { leaderboardId: board, userId: user }, values }) =>
    doneOr(await store.boards.grant(asker, board, user, values.permission), changedMeanwhile),
});
