import { type SallyportProcess, until } from "@sallyport/testkit";

export interface Memory {
  /** Resident memory before a forced garbage collection. */
  readonly aloneBytes: number;
  /** Resident memory after a forced garbage collection. V8 does not collect by itself in an idle process. */
  readonly collectedBytes: number;
  /**
   * The memory that V8 and buffers use. The rest of the resident memory is code, stacks, and memory that
   * allocators keep for later.
   */
  readonly liveBytes: number;
}

const looks = 3;
const looksMs = 30_000;

async function look(server: SallyportProcess): Promise<{ residentBytes: number; liveBytes: number }> {
  if (!server.isRunning) return { residentBytes: Number.NaN, liveBytes: Number.NaN };
  const metrics = await server.metrics();
  const used = metrics.value("nodejs_heap_size_used_bytes");
  const external = metrics.value("nodejs_external_memory_bytes");
  return {
    residentBytes: metrics.value("process_resident_memory_bytes"),
    liveBytes: used + external,
  };
}

/** Resolves when the garbage is collected, or the process is gone. See `collector.ts`. */
async function collectGarbage(server: SallyportProcess): Promise<void> {
  const { child } = server;
  if (child === null) return;
  const collected = new Promise<void>((resolve) => {
    child.once("message", () => resolve());
  });
  child.send("collect");
  await Promise.race([collected, server.untilEnded()]);
}

/**
 * Measures an idle server several times, and returns the least values. With `down`, the function continues
 * until resident memory has fallen to `toBytes`, or until `withinMs` is over.
 */
export async function measureMemory(
  server: SallyportProcess,
  down?: { readonly toBytes: number; readonly withinMs: number },
): Promise<Memory> {
  const { residentBytes: aloneBytes } = await look(server);
  let collectedBytes = Number.POSITIVE_INFINITY;
  let liveBytes = Number.POSITIVE_INFINITY;
  let looked = 0;
  const isDown = async (): Promise<boolean> => {
    await collectGarbage(server);
    const seen = await look(server);
    collectedBytes = Math.min(collectedBytes, seen.residentBytes);
    liveBytes = Math.min(liveBytes, seen.liveBytes);
    looked += 1;
    return looked >= looks && (down === undefined || collectedBytes <= down.toBytes || !server.isRunning);
  };
  const timeoutMs = down?.withinMs ?? looksMs;
  await until(isDown, { what: "memory to come back", timeoutMs }).catch(() => null);
  return { aloneBytes, collectedBytes, liveBytes };
}
