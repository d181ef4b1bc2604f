import type { RagnarokDialects } from "@sallyport/dialects/ragnarok";
import type { DirectoryService, ServerStatus } from "@sallyport/directory";
import type { Shell } from "../process/shell.ts";
import { stopInOrder } from "../process/stops.ts";
import type { Doors } from "./doors.ts";
import type { LinkListener } from "./links.ts";
import { keepPublished, type Self } from "./presence.ts";

interface Server {
  readonly status: ServerStatus;
  stop(how?: "release" | "keep"): Promise<void>;
}

interface Parts<S extends Server, T extends keyof RagnarokDialects, Listener extends LinkListener> {
  readonly server: S;
  readonly doors: Doors<T>;
  readonly links: Listener;
}

/** A server that accepts clients, and links from the servers of the next tier. */
export interface LinkedTier<S extends Server, T extends keyof RagnarokDialects, Listener extends LinkListener>
  extends Parts<S, T, Listener> {
  /** Publishes this server in the directory. `stop` withdraws it. */
  publish(): void;
  stop(how?: "release" | "keep"): Promise<void>;
}

export function linkedTier<S extends Server, T extends keyof RagnarokDialects, Listener extends LinkListener>(
  shell: Shell,
  directory: DirectoryService,
  self: Self,
  parts: Parts<S, T, Listener>,
): LinkedTier<S, T, Listener> {
  const { server, doors, links } = parts;
  let withdraw = async (): Promise<void> => {};
  return {
    ...parts,
    publish() {
      withdraw = keepPublished(shell, directory, self, () => server.status);
    },
    stop: (how) =>
      stopInOrder(
        () => withdraw(),
        () => Promise.all([doors.stop(), links.stop()]),
        () => server.stop(how),
      ),
  };
}
