import { type charToLogin, kickFrom, type loginToChar, toldFields } from "@sallyport/cluster-protocol";
import type { HintBus } from "@sallyport/directory";
import { AccountId, type JsonObject, LoginId, Unavailable } from "@sallyport/domain";
import type { Link } from "@sallyport/link";
import { type AccountEffect, isTold } from "@sallyport/lock-core";
import { type Host, waits } from "@sallyport/server-kit";

export interface OwnerLineDeps {
  /** Null: there is no other login-server. */
  readonly hints: HintBus | null;
  /**
   * Returns the link of the char-server with this incarnation, if that char-server is linked to this login-
   * server.
   */
  readonly linkOf: (incarnation: string) => Link<typeof loginToChar, typeof charToLogin> | undefined;
}

const topic = "account-owner";

/**
 * Tells char-servers to release an account, or that they have lost it. The message goes over the link of the
 * char-server. If another login-server has that link, the message goes to that login-server as a hint. If the
 * hint gets lost, the evict timer frees the account. The char-server learns this when it next asks which
 * accounts it has.
 */
export class OwnerLine {
  readonly #host: Pick<Host, "failed">;
  readonly #deps: OwnerLineDeps;
  readonly #stopListening: () => void;

  constructor(host: Pick<Host, "failed">, deps: OwnerLineDeps) {
    this.#host = host;
    this.#deps = deps;
    const listening = deps.hints?.listen(topic, (hint) => {
      const told = effectIn(hint);
      if (told !== null) this.#tellHere(...told);
    });
    this.#stopListening = () => listening?.stop();
  }

  tell(accountId: AccountId, effect: AccountEffect): void {
    if (this.#tellHere(accountId, effect)) return;
    const { type, loginId1, owner } = effect;
    const told = (type === "kick" && effect.told) || null;
    const hint = {
      ...{ type, accountId, loginId1, server: owner.server, incarnation: owner.incarnation },
      ...(told !== null && { told: { ...told } }),
    };
    this.#deps.hints?.tell(topic, hint).catch((error) => {
      if (!(error instanceof Unavailable)) this.#host.failed(error);
    });
  }

  stop(): void {
    this.#stopListening();
  }

  /** Returns false if the owner is not linked here. */
  #tellHere(accountId: AccountId, effect: AccountEffect): boolean {
    const link = this.#deps.linkOf(effect.owner.incarnation);
    const of = { accountId, loginId1: LoginId(effect.loginId1) };
    if (effect.type === "lost") link?.notify({ type: "account.lost", ...of });
    else void link?.ask({ type: "account.kick", ...of, ...kicked(effect) }, waits.kickMs);
    return link !== undefined;
  }
}

/** Without words of its own, a kick makes room for a second login. */
const kicked = ({ told }: Extract<AccountEffect, { type: "kick" }>) =>
  toldFields(kickFrom({ reason: "logged-in-elsewhere", told: told ?? null }));

/**
 * Returns null if this process cannot understand the hint, for example because a newer version of the program
 * sent it.
 */
function effectIn(hint: JsonObject): readonly [AccountId, AccountEffect] | null {
  const { type, accountId, loginId1, server, incarnation, told } = hint;
  if (type !== "kick" && type !== "lost") return null;
  if (!isId(accountId) || !isId(loginId1)) return null;
  if (typeof server !== "string" || typeof incarnation !== "string") return null;
  const of = { loginId1, owner: { server, incarnation } };
  if (type === "lost") return [AccountId(accountId), { type, ...of }];
  return [AccountId(accountId), { type, ...of, ...(isTold(told) && { told }) }];
}

const isId = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 2 ** 32;
