import { isAccountName, isPassword, readEmail, unlimited } from "@sallyport/authentication";
import {
  type AccountId,
  accepted,
  kickFor,
  kickTextUnitsMax,
  type Outcome,
  refused,
  roles,
  sexes,
} from "@sallyport/domain";
import {
  accountAnswer,
  accountText,
  addressedText,
  changedText,
  mutedText,
  roleText,
  unbannedText,
} from "../account-text.ts";
import type {
  AccountAnswer,
  AddressedAccount,
  ChangedAccount,
  MutedAccount,
  RoleAccount,
  UnbannedAccount,
} from "../answers.ts";
import { isoUntil } from "../plain-words.ts";
import {
  choiceField,
  flagField,
  formField,
  futureMs,
  optional,
  secret,
  textField,
  untilField,
} from "./fields.ts";
import { accountNamed, accountOrOwner, type NamedAccount } from "./named-account.ts";
import {
  type Caller,
  mayChange,
  noLogin,
  notAboutRoles,
  noWorld,
  request,
  type Services,
} from "./request.ts";

/* Requests about accounts. An order about a ban, a role or a mute counts at once, wherever the account plays. */

const nameField = textField("name or e-mail address of an account, or #ID", 254);
const newNameForm = "3 to 20 letters, digits or underscores";
const passwordField = secret(textField("the new password", 128));
const reasonForPlayer = optional(
  textField("what the player is told, and what the trail has", kickTextUnitsMax),
);

export const createAccount = request({
  command: "account create",
  method: "POST",
  path: "/accounts",
  role: "administrator",
  doc: "create an account, whatever the rules for registration are; its address counts as confirmed",
  fields: {
    name: formField(`name of the account: ${newNameForm}`, newNameForm, isAccountName),
    email: optional(textField("e-mail address of the account", 254)),
    sex: optional(choiceField("sex of the account; default female", sexes)),
    password: passwordField,
  },
  args: ["name"],
  async answer({ register }, { name, email, sex, password }, { address }) {
    const form = { name, email, sex: sex ?? "female", password };
    const { signal: gone } = new AbortController();
    const made = await register(form, { address, gone, limits: unlimited });
    return made.ok ? accepted<ChangedAccount>({ accountId: made.value.accountId, name }) : made;
  },
  text: changedText("is created"),
});

export const showAccount = request({
  command: "account show",
  method: "GET",
  path: "/accounts/:name",
  role: "gamemaster",
  doc: "show an account: its role, its bans, its last logins and its characters",
  fields: { name: nameField },
  args: ["name"],
  async answer(services, { name }) {
    const found = await accountNamed(services, name);
    if (!found.ok) return found;
    const logins = await services.trail.logins(found.value.accountId, 5);
    return accepted<AccountAnswer>(accountAnswer(found.value, logins));
  },
  text: accountText,
});

export const setPassword = request({
  command: "account passwd",
  method: "POST",
  path: "/accounts/:name/password",
  role: "administrator",
  doc: "set a new password; remembered logins end, and with --end-logins so does the one that plays",
  fields: {
    name: nameField,
    password: passwordField,
    endLogins: flagField("whether the client that is logged in has to leave"),
  },
  args: ["name"],
  answer: (services, { name, password, endLogins }, caller) =>
    onAccount(services, name, caller, async ({ accountId }) => {
      const { login } = services;
      if (!isPassword(password)) return refused("password-invalid");
      if (endLogins === true && login === null) return noLogin();
      const hashed = await services.createCredential(password);
      if (!hashed.ok) return hashed;
      const set = { accountId, credential: hashed.value, endsLogins: endLogins === true };
      const changed = await services.accountAdmin.setPassword(set);
      if (changed.ok && set.endsLogins) await login?.endLogins(accountId, changed.value.fence);
      return changed;
    }),
  text: changedText("has a new password"),
});

export const setEmail = request({
  command: "account email",
  method: "POST",
  path: "/accounts/:name/email",
  role: "administrator",
  doc: "set the e-mail address of an account, which counts as confirmed, or remove it with `none`",
  fields: { name: nameField, email: textField("the address, or none", 254) },
  args: ["name", "email"],
  async answer(services, { name, email: typed }, caller) {
    const email = typed === "none" ? null : readEmail(typed);
    if (typed !== "none" && email === null) return refused("email-invalid");
    const set = await onAccount(services, name, caller, ({ accountId }) =>
      services.accountAdmin.setEmail({ accountId, email }),
    );
    return set.ok ? accepted<AddressedAccount>({ ...set.value, email: email?.address ?? null }) : set;
  },
  text: addressedText,
});

export const exportAccount = request({
  command: "account export",
  method: "GET",
  path: "/accounts/:name/export",
  role: "administrator",
  doc: "print all that is stored about the owner of an account, as privacy law asks",
  fields: { name: nameField },
  args: ["name"],
  async answer(services, { name }) {
    const found = await accountNamed(services, name);
    if (!found.ok) return found;
    const exported = await services.accountAdmin.export(found.value.accountId);
    return exported === null ? refused("no-such-account") : accepted(exported);
  },
  text: (exported) => `${JSON.stringify(exported, null, 2)}\n`,
});

export const deleteAccount = request({
  command: "account delete",
  method: "POST",
  path: "/accounts/:name/delete",
  role: "administrator",
  doc: "delete an account with its characters in all worlds, and all that is stored about its owner; a player leaves first",
  fields: { name: nameField, reason: optional(textField("why, for the trail", kickTextUnitsMax)) },
  args: ["name"],
  confirm: "Delete the account {name} and all its characters for ever?",
  answer: (services, { name }, caller) =>
    onAccount(services, name, caller, async ({ accountId }) =>
      services.world === null
        ? noWorld()
        : services.world.operations.change(accountId, (held) => services.accountAdmin.delete(held)),
    ),
  text: changedText("is deleted"),
});

export const releaseAccount = request({
  command: "release",
  method: "POST",
  path: "/accounts/:name/release",
  role: "administrator",
  doc: "free the locks of an account: its owner is asked to save and release it, or loses it by the fence",
  fields: { name: textField("name of an account or a character, or #ID", 254) },
  args: ["name"],
  async answer(services, { name }, caller) {
    const found = await accountOrOwner(services, name);
    if (!found.ok) return found;
    const { world } = services;
    if (world === null) return noWorld();
    // A hold of the operator takes the account from any owner, and its release frees it.
    return onFound(found.value, caller, ({ accountId }) =>
      world.operations.change(accountId, async () => accepted({})),
    );
  },
  text: changedText("is free: nobody owns it"),
});

export const setRole = request({
  command: "account role",
  method: "POST",
  path: "/accounts/:name/role",
  role: "administrator",
  doc: "give an account a role; it counts at once, also for a player in the world",
  fields: { name: nameField, role: choiceField("the role", roles) },
  args: ["name", "role"],
  async answer(services, { name, role }, caller) {
    let before = role;
    const set = await ordered(services, name, caller, (accountId, account) => {
      before = account.role;
      return services.accounts.setRole({ accountId, role });
    });
    return set.ok ? accepted<RoleAccount>({ ...set.value, role, before }) : set;
  },
  text: roleText,
});

export const banAccount = request({
  command: "account ban",
  method: "POST",
  path: "/accounts/:name/ban",
  role: "gamemaster",
  doc: "ban an account; if it plays, the player is saved and has to leave, and is told why and until when",
  fields: {
    name: nameField,
    until: untilField("how long, or until when"),
    reason: reasonForPlayer,
  },
  args: ["name"],
  async answer(services, { name, until, reason }, caller) {
    const untilMs = futureMs(until, services.wallMs());
    if (!untilMs.ok) return untilMs;
    return ordered(services, name, caller, (accountId) =>
      services.accounts.setBan({ accountId, untilMs: untilMs.value, reason, by: caller.name }),
    );
  },
  text: changedText("is banned"),
});

export const unbanAccount = request({
  command: "account unban",
  method: "POST",
  path: "/accounts/:name/unban",
  role: "gamemaster",
  doc: "lift the ban of an account",
  fields: { name: nameField, reason: optional(textField("why, for the trail", kickTextUnitsMax)) },
  args: ["name"],
  async answer(services, { name }, caller) {
    let wasBanned = false;
    const lifted = await ordered(services, name, caller, (accountId, { bannedUntilMs }) => {
      wasBanned = bannedUntilMs !== null && bannedUntilMs > services.wallMs();
      return services.accounts.setBan({ accountId, untilMs: null });
    });
    return lifted.ok ? accepted<UnbannedAccount>({ ...lifted.value, wasBanned }) : lifted;
  },
  text: unbannedText,
});

export const muteAccount = request({
  command: "account mute",
  method: "POST",
  path: "/accounts/:name/mute",
  role: "gamemaster",
  doc: "keep the players of an account from speaking, on all maps",
  fields: {
    name: nameField,
    until: untilField("how long, or until when; a time that is over lets it speak again"),
    reason: optional(textField("why, for the trail", kickTextUnitsMax)),
  },
  args: ["name"],
  async answer(services, { name, until }, caller) {
    const nowMs = services.wallMs();
    const untilMs = until(nowMs) > nowMs ? until(nowMs) : null;
    const muted = await ordered(services, name, caller, (accountId) =>
      services.accounts.setMute({ accountId, untilMs }),
    );
    return muted.ok ? accepted<MutedAccount>({ ...muted.value, mutedUntil: isoUntil(untilMs) }) : muted;
  },
  text: mutedText,
});

export const kickAccount = request({
  command: "kick",
  method: "POST",
  path: "/accounts/:name/kick",
  role: "gamemaster",
  doc: "save the player of an account and disconnect it; it can log in again",
  fields: { name: textField("name of an account or a character, or #ID", 254), reason: reasonForPlayer },
  args: ["name"],
  async answer(services, { name, reason }, caller) {
    const found = await accountOrOwner(services, name);
    if (!found.ok) return found;
    const { login } = services;
    if (login === null) return noLogin();
    return onFound(found.value, caller, ({ accountId }) =>
      login.putOut(accountId, { ...kickFor("kicked"), text: reason }),
    );
  },
  text: changedText("has to leave, and is saved first"),
});

async function onAccount(
  services: Services,
  name: string,
  caller: Caller,
  change: (account: NamedAccount) => Promise<Outcome<object, string>>,
): Promise<Outcome<ChangedAccount, string>> {
  const found = await accountNamed(services, name);
  return found.ok ? onFound(found.value, caller, change) : found;
}

async function onFound(
  account: NamedAccount,
  caller: Caller,
  change: (account: NamedAccount) => Promise<Outcome<object, string>>,
): Promise<Outcome<ChangedAccount, string>> {
  if (!mayChange(caller, account)) return notAboutRoles();
  const changed = await change(account);
  return changed.ok ? accepted({ accountId: account.accountId, name: account.shown }) : changed;
}

/** After the order is stored, all servers look for it at once. */
const ordered = (
  services: Services,
  name: string,
  caller: Caller,
  order: (accountId: AccountId, account: NamedAccount) => Promise<Outcome<object, string>>,
): Promise<Outcome<ChangedAccount, string>> =>
  onAccount(services, name, caller, async (account) => {
    const stored = await order(account.accountId, account);
    if (stored.ok) services.orderGiven();
    return stored;
  });
