import {
  addComment,
  addEntry,
  getEntry,
  listUnverified,
  modifyEntryVerification,
  removeEntry,
} from "./entry-requests.ts";
import {
  changeScoreOrder,
  createLeaderboard,
  listAccessGroups,
  listLeaderboards,
  removeLeaderboard,
  setPermission,
  showLeaderboard,
} from "./leaderboard-requests.ts";
import { addProof, downloadProof, removeProof } from "./proof-requests.ts";
import type { AnyRequest } from "./request.ts";
import { getIdFromIdentity, listUsers, removeUser, viewPermissions, viewUser } from "./user-requests.ts";

/** All requests, by their numbers in the seed. */
export const resourceRequests: readonly AnyRequest[] = [
  ...[listLeaderboards, showLeaderboard, createLeaderboard, addEntry, listUsers, listUnverified],
  ...[listAccessGroups, getEntry, viewUser, viewPermissions, modifyEntryVerification, removeLeaderboard],
  ...[addComment, removeEntry, setPermission, removeUser, changeScoreOrder, addProof, downloadProof],
  ...[removeProof, getIdFromIdentity],
];

const byType = new Map(resourceRequests.map((row) => [row.type, row]));

export const requestOfType = (type: number): AnyRequest | null => byType.get(type) ?? null;
