import { sumOfTree } from "./process-tree.ts";

/** On every usual Linux, /proc/PID/stat counts time in ticks of 10 ms. */
const msPerTick = 10;
/**
 * The positions of these numbers in /proc/PID/stat. They are counted after the name of the program, because
 * that name can contain spaces.
 */
const at = { user: 11, system: 12, userOfEnded: 13, systemOfEnded: 14 };

/**
 * Returns the processor time of a process and its children in milliseconds, in steps of 10. Children that
 * have ended are included, because their time is a part of their parent's.
 */
export const processorMs = (pid: number): number =>
  sumOfTree(pid, "stat", (text) => {
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return msPerTick * Object.values(at).reduce((sum, index) => sum + Number(fields[index]), 0);
  });
