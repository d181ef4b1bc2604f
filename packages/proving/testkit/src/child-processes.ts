import { readdirSync, readFileSync } from "node:fs";

/** The process ids of the children that a process has now. Empty if the process is gone. */
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
