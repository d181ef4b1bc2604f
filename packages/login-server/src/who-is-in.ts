import { accountOfKey, type LockStore } from "@sallyport/lock-store";
import { type Host, orUnavailable } from "@sallyport/server-kit";

const pageMax = 500;

interface Owner {
  readonly server: string;
  readonly incarnation: string;
}

/** Logs the account ids that each of these char-servers owns, in lines of at most 500. Logs no names and no ids of logins. */
export async function logWhoIsIn(
  { log }: Pick<Host, "log">,
  store: Pick<LockStore, "ownedBy">,
  owners: readonly Owner[],
): Promise<void> {
  await orUnavailable(log, async () => {
    for (const { server: peer, incarnation } of owners) {
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<LockStore["ownedBy"]>> = await store.ownedBy(
          incarnation,
          cursor,
          pageMax,
        );
        // A warning, because somebody asked for the line, at whatever level the server logs.
        log.warn({ peer, accountIds: page.keys.map(accountOfKey) }, "who is in");
        cursor = page.next;
      } while (cursor !== null);
    }
    // Nobody may be in, or all of them: the char-servers are linked to other login-servers.
    if (owners.length === 0) log.warn({}, "no char-server is linked here, so others know who is in");
  });
}
