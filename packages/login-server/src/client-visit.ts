import type {
  Account,
  AttemptLimits,
  Authentication,
  Challenge,
  MailedCodes,
} from "@sallyport/authentication";
import type { Trail } from "@sallyport/database";
import {
  type AccountId,
  type AnswerTo,
  accepted,
  type LoggedIn,
  type LoginDoor,
  type NetworkBan,
  type Refused,
  refused,
  refusedBecause,
} from "@sallyport/domain";
import { hostOf } from "@sallyport/link/addresses";
import {
  type BanList,
  type Client,
  doorFor,
  type Host,
  introducedAs,
  originOf,
  type Visit,
} from "@sallyport/server-kit";
import type { AccountLocks, SecondLogin } from "./account-locks.ts";
import { type ClientVersions, isServed } from "./client-versions.ts";
import type { LoginsToEnd } from "./logins-to-end.ts";
import type { IsLoggedIn } from "./tokens/is-logged-in.ts";
import type { TokenIssuer, TokenRequest } from "./tokens/token-issuer.ts";
import type { Worlds } from "./worlds.ts";

export interface ClientVisitDeps {
  readonly authentication: Authentication;
  readonly locks: Pick<AccountLocks, "grant">;
  readonly loginsToEnd: Pick<LoginsToEnd, "end">;
  readonly worlds: Pick<Worlds<unknown>, "list">;
  readonly limitsFor: (host: string) => AttemptLimits;
  readonly codes: Pick<MailedCodes, "sendConfirmation" | "askReset" | "confirm" | "reset">;
  readonly isConfirmationRequired: boolean;
  readonly clientVersions: ClientVersions;
  readonly bans: Pick<BanList, "ofAddress" | "ofDevice">;
  readonly secondLogin: SecondLogin | "by-dialect";
  readonly trail: Trail;
  /** Null: clients get no identity tokens here. */
  readonly tokens: Pick<TokenIssuer, "audienceOf" | "issue"> | null;
  readonly isLoggedIn: IsLoggedIn;
  /** Milliseconds until the account may get a token for its login ids. 0: now, and that is counted. */
  readonly tokenWaitMs: (accountId: AccountId) => number;
}

/** If no world is linked, the client should try again after this time. */
const noWorldRetryMs = 2_000;

const traceBytes = 6;

type LogInAnswer = AnswerTo<LoginDoor, "login.password">;

/** How a client was checked. With `ids` it was logged in already. */
type Way = "password" | "proof" | "ids";

/**
 * One client at the login-server. The login-server owns no lock for the client. When the client goes, its
 * unfinished requests are abandoned.
 */
export function visitLoginServer(
  host: Pick<Host, "randomBytes" | "wallMs">,
  client: Client<LoginDoor>,
  deps: ClientVisitDeps,
): Visit<LoginDoor> {
  const { authentication, locks, worlds, codes, bans, trail, tokens } = deps;
  const { log, address } = client;
  /** The trace is random, and not derived from a secret, because it appears in logs. */
  const trace = Buffer.from(host.randomBytes(traceBytes)).toString("hex");
  client.follow(trace);
  const gone = new AbortController();
  /**
   * The operator's setting decides. If the setting is `by-dialect`, the client's own wish decides. If the
   * client has no wish, its dialect decides.
   */
  const policy = (): SecondLogin =>
    deps.secondLogin === "by-dialect"
      ? (client.introduction?.secondLogin ?? client.dialect.secondLogin)
      : deps.secondLogin;
  /**
   * The account that the last typed name belongs to. The client is never told. Null also if a limit refused
   * the attempt, because then nobody looked for the name.
   */
  let meant: AccountId | null = null;
  const asker = {
    address,
    gone: gone.signal,
    limits: deps.limitsFor(hostOf(client.remote)),
    meant: (accountId: AccountId | null) => {
      meant = accountId;
    },
  };
  let challenge: Challenge | null = null;

  async function logIn(account: Account, way: "password" | "proof"): Promise<LogInAnswer> {
    const list = worlds.list().map(({ name, players, ...address }) => ({
      ...{ name, players },
      ...doorFor(address, client.remote),
    }));
    if (list.length === 0) return refused("no-world", noWorldRetryMs);
    const deviceBanned = bannedDevice();
    if (deviceBanned !== null) return turnDown(deviceBanned, way);
    const granted = await locks.grant({ ...account, trace, address }, gone.signal, policy());
    if (!granted.ok) return turnDown(granted, way);
    log.info({ accountId: account.accountId, way, ...introducedAs(client) }, "logged in");
    const { ticket, lastLoginMs, fence } = granted.value;
    const { accountId, role } = account;
    const origin = originOf(client);
    trail.note({ what: "login", accountId, origin, detail: { way } });
    trail.seen({ accountId, fence, origin });
    return accepted<LoggedIn>({ ...ticket, lastLoginMs, worlds: list, role });
  }

  /** Does not log the name that was typed, because people sometimes type their password there. */
  function turnDown<R extends { readonly refusal: string }>(answer: R, way: Way): R {
    // These are not logged: the password was not checked, and very many logins may get such an answer.
    if (answer.refusal !== "busy" && answer.refusal !== "too-many-attempts")
      log.info({ way, why: answer.refusal }, "login refused");
    trail.noteRefusal({
      what: "login-refused",
      accountId: meant ?? undefined,
      why: answer.refusal,
      origin: originOf(client),
    });
    return answer;
  }

  /** The password was changed. Logins that began before stay, unless the client wants them to end. */
  async function changed(
    { accountId, fence }: Pick<Account, "accountId" | "fence">,
    way: "password" | "code",
    endsLogins: boolean,
  ): Promise<void> {
    log.info({ accountId, way }, "password changed");
    trail.note({ what: "password-changed", accountId, origin: originOf(client), detail: { way } });
    if (endsLogins) await deps.loginsToEnd.end(accountId, fence);
  }

  /** `changed` is the answer if the account was deleted, or got another password, after the client was checked. */
  async function issueToken<Changed extends string>(
    issuer: Pick<TokenIssuer, "issue">,
    request: TokenRequest,
    { way, changed }: { readonly way: Way; readonly changed: Changed },
  ) {
    const deviceBanned = bannedDevice();
    if (deviceBanned !== null) return turnDown(deviceBanned, way);
    const issued = await issuer.issue(request);
    if (!issued.ok && issued.refusal === "banned")
      return turnDown({ ...issued, refusal: issued.refusal }, way);
    if (!issued.ok) return turnDown(refused(changed), way);
    const { accountId, audience } = request;
    log.info({ accountId, way, audience }, "identity token issued");
    trail.note({ what: "token", accountId, origin: originOf(client), detail: { way, audience } });
    return issued;
  }

  /** Asked before a password is hashed or a lock is read. */
  function audienceFor(asked: string | null) {
    if (tokens === null) return refused("no-tokens");
    const audience = tokens.audienceOf(asked);
    return audience === null ? refused("audience-unknown") : accepted({ issuer: tokens, audience });
  }

  const refusedFor = <Code extends string>(refusal: Code, ban: NetworkBan | null) => {
    if (ban === null) return null;
    const { untilMs, text: detail } = ban;
    const retryAfterMs = untilMs === null ? null : Math.max(1, untilMs - host.wallMs());
    return refusedBecause(refusal, { retryAfterMs, detail });
  };
  const bannedDevice = () =>
    refusedFor("device-banned", bans.ofDevice(client.introduction?.deviceId ?? null));

  /** Asked before anything else, so that nobody else pays for such a client. */
  function turnedAway(): TurnedAway | null {
    const banned = refusedFor("address-banned", bans.ofAddress(client.remote));
    if (banned !== null) {
      trail.noteRefusal({ what: "login-refused", why: banned.refusal, origin: originOf(client) });
      return banned;
    }
    if (isServed(deps.clientVersions, client.introduction)) return null;
    log.info({ why: "version-unsupported", ...introducedAs(client) }, "login refused");
    return refused("version-unsupported");
  }

  async function byPassword(
    { name, password }: { readonly name: string; readonly password: string },
    saysUnknown: boolean,
  ): Promise<LogInAnswer> {
    meant = null;
    const authenticated = await authentication.byPassword({ name, password, saysUnknown }, asker);
    if (!authenticated.ok) return turnDown(authenticated, "password");
    return logIn(authenticated.value, "password");
  }

  const handlers: Handlers = {
    "login.register": async (command) => {
      const made = bannedDevice() ?? (await authentication.register(command, asker));
      const origin = originOf(client);
      if (!made.ok) {
        trail.noteRefusal({ what: "registration-refused", why: made.refusal, origin });
        return made;
      }
      const { accountId, email } = made.value;
      log.info({ accountId }, "account registered");
      trail.note({ what: "registered", accountId, origin });
      if (email !== null && deps.isConfirmationRequired)
        codes.sendConfirmation({ accountId, email }, address);
      return accepted({ accountId });
    },
    "login.password": (command) => byPassword(command, false),
    "login.password.telling": (command) => byPassword(command, true),
    "login.salt": async ({ name }) => {
      meant = null;
      const offered = await authentication.challenge(name, asker);
      if (!offered.ok) return turnDown(offered, "proof");
      challenge = offered.value.challenge;
      return accepted(offered.value.offer);
    },
    "login.prove": async ({ name, ...shown }) => {
      const offered = challenge;
      // Each offer allows only one proof, right or wrong.
      challenge = null;
      meant = null;
      if (offered === null || offered.name !== name) return refused("out-of-order");
      const proven = await authentication.byProof(offered, shown, asker);
      if (!proven.ok) return turnDown(proven, "proof");
      const loggedIn = await logIn(proven.value.account, "proof");
      if (!loggedIn.ok) return loggedIn;
      return accepted({ ...loggedIn.value, serverSignature: proven.value.serverSignature });
    },
    "login.email.confirm": async ({ code }) => {
      const confirmed = await codes.confirm(code);
      if (!confirmed.ok) return confirmed;
      const { accountId } = confirmed.value;
      log.info({ accountId }, "e-mail address confirmed");
      trail.note({ what: "email-confirmed", accountId, origin: originOf(client) });
      return accepted({});
    },
    "login.password.change": async ({ name, oldPassword: password, newPassword, endOthers: endsLogins }) => {
      meant = null;
      const answer = await authentication.changePassword({ name, password, newPassword, endsLogins }, asker);
      if (!answer.ok) return turnDown(answer, "password");
      await changed(answer.value, "password", endsLogins);
      return accepted({});
    },
    "login.password.reset.ask": async ({ email }) => codes.askReset(email, address),
    "login.password.reset": async ({ code, newPassword, endOthers: endsLogins }) => {
      const reset = await codes.reset({ code, newPassword, endsLogins }, asker);
      if (!reset.ok) return reset;
      await changed(reset.value, "code", endsLogins);
      return accepted({});
    },
    "login.token": async ({ type: _, audience: asked, ...ticket }) => {
      const served = audienceFor(asked);
      if (!served.ok) return served;
      meant = null;
      const loggedIn = await deps.isLoggedIn(ticket);
      if (!loggedIn.ok) return turnDown(loggedIn, "ids");
      // Asked after the check, so that nobody else uses up the tokens of the account. Not noted in the trail,
      // because the limit is there to spare it.
      const waitMs = deps.tokenWaitMs(ticket.accountId);
      if (waitMs > 0) return refused("busy", waitMs);
      const { issuer, audience } = served.value;
      const request = { accountId: ticket.accountId, storedKey: null, audience };
      return issueToken(issuer, request, { way: "ids", changed: "not-logged-in" });
    },
    "login.token.password": async ({ audience: asked, ...login }) => {
      meant = null;
      const served = audienceFor(asked);
      if (!served.ok) return served;
      const authenticated = await authentication.byPassword(login, asker);
      if (!authenticated.ok) return turnDown(authenticated, "password");
      const { accountId, credential } = authenticated.value;
      const { issuer, audience } = served.value;
      const request = { accountId, storedKey: credential.storedKey, audience };
      return issueToken(issuer, request, { way: "password", changed: "wrong-name-or-password" });
    },
  };

  return {
    handlers: eachAfter(handlers, turnedAway),
    // Without a reason, Node would make an error with a stack for each client.
    gone: () => gone.abort("the client is gone"),
  };
}

type Handlers = Visit<LoginDoor>["handlers"];
type TurnedAway = Refused<"version-unsupported" | "address-banned">;

/** Each command is refused as `gate` says. If `gate` returns null, its handler answers it. */
function eachAfter(handlers: Handlers, gate: () => TurnedAway | null): Handlers {
  const gated = Object.entries(handlers).map(([name, handle]) => [
    name,
    async (command: never) => gate() ?? handle(command),
  ]);
  // Each handler keeps its name. TypeScript cannot follow that through `Object.entries`.
  return Object.fromEntries(gated) as Handlers;
}
