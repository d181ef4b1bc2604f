import { readdirSync, readFileSync } from "node:fs";

/** Returns the process ids of the present children of a process, or none if the process is gone. */
export function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, "latin1").split(" ").filter(Boolean).map(Number),
    );
  } catch (error) {
    if (isProcessGone(error)) return [];
    throw error;
  }
}

/** Whether a read in /proc failed because the process has ended. */
export const isProcessGone = (error: unknown): boolean =>
  ["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "");
