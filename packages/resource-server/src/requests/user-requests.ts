import { accepted } from "@sallyport/domain";
import { z } from "zod";
import { doneOr, noSuch } from "../refusals.ts";
import { answers } from "./answers.ts";
import { paging, userId } from "./fields.ts";
import { request } from "./request.ts";

/* Requests about users. Their names are public. */

export const listUsers = request({
  type: 5,
  name: "ListUsers",
  doc: "list all users, by id",
  http: { method: "GET", path: "/users" },
  fields: paging,
  about: "nothing",
  changes: false,
  who: "everybody",
  may: () => true,
  data: z.array(z.tuple([answers.userId, answers.identity])),
  carryOut: async (store, { values }) => accepted(await store.users.list(values)),
});

export const viewUser = request({
  type: 9,
  name: "ViewUser",
  doc: "show a user with those of its entries that the asker may see, by id",
  http: { method: "GET", path: "/users/{user_id}" },
  fields: { user_id: userId, ...paging },
  about: "user",
  changes: false,
  who: "everybody",
  may: () => true,
  data: z.object({
    user_data: z.tuple([answers.identity, answers.registered]),
    entries: z.array(
      z.tuple([answers.entryId, answers.leaderboardId, answers.score, answers.verified, answers.submitted]),
    ),
  }),
  carryOut: async (store, { asker, subject, values }) =>
    accepted({
      user_data: [subject.identity, subject.registered] as [string, number],
      entries: await store.users.entriesOf(subject.userId, asker, values),
    }),
});

export const viewPermissions = request({
  type: 10,
  name: "ViewPermissions",
  doc: "list what leaderboards grant a user, by leaderboard",
  http: { method: "GET", path: "/users/{user_id}/permissions" },
  fields: { user_id: userId, ...paging },
  about: "user",
  changes: false,
  who: "administrators; and moderators of any leaderboard, for those that they moderate",
  may: ({ asker, subject }) => asker.isAdministrator || subject.isAskerModerator,
  data: z.array(z.tuple([answers.leaderboardId, answers.level])),
  carryOut: async (store, { asker, subject, values }) =>
    accepted(await store.users.permissionsOf(subject.userId, asker, values)),
});

export const removeUser = request({
  type: 16,
  name: "RemoveUser",
  doc: "remove a user with its entries, comments and proofs. With its next token it is a new user",
  http: { method: "DELETE", path: "/users/{user_id}" },
  fields: { user_id: userId },
  about: "user",
  changes: true,
  who: "administrators",
  may: ({ asker }) => asker.isAdministrator,
  data: answers.nothing,
  carryOut: async (store, { subject }) =>
    doneOr(await store.users.remove(subject.userId), noSuch("user_id", "user")),
});

export const getIdFromIdentity = request({
  type: 21,
  name: "GetIdFromIdentity",
  doc: "tell the user its own id",
  http: { method: "GET", path: "/me" },
  fields: {},
  about: "nothing",
  changes: false,
  who: "everybody",
  may: () => true,
  data: z.tuple([answers.userId]),
  carryOut: async (_, { asker }) => accepted([asker.userId] as [number]),
});
