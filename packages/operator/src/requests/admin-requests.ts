import {
  banAccount,
  createAccount,
  deleteAccount,
  exportAccount,
  kickAccount,
  muteAccount,
  releaseAccount,
  setEmail,
  setPassword,
  setRole,
  showAccount,
  unbanAccount,
} from "./account-requests.ts";
import { banAddress, banDevice, banNetwork, liftBan, listBans } from "./ban-requests.ts";
import { deleteCharacter, moveCharacter, renameCharacter, showCharacter } from "./character-requests.ts";
import { drain, locks, mapServer, servers, whois } from "./cluster-requests.ts";
import { invite } from "./invitation-requests.ts";
import { limits } from "./limit-requests.ts";
import type { AnyRequest } from "./request.ts";
import { log } from "./trail-requests.ts";
import { announce } from "./world-requests.ts";

/** All requests to the admin port that need a credential. Help and reference page list them in this order. */
export const adminRequests: readonly AnyRequest[] = [
  ...[servers, locks, whois, log, limits, mapServer, drain],
  ...[createAccount, showAccount, exportAccount, deleteAccount, setPassword, setEmail, setRole],
  ...[banAccount, unbanAccount, muteAccount, kickAccount, releaseAccount, announce, invite],
  ...[banAddress, banNetwork, banDevice, listBans, liftBan],
  ...[showCharacter, renameCharacter, moveCharacter, deleteCharacter],
];
