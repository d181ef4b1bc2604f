import { readFileSync } from "node:fs";
import { childrenOf, isProcessGone } from "@sallyport/testkit";

/** On every usual Linux, /proc/PID/stat counts time in ticks of 10 ms. */
const msPerTick = 10;
/**
 * The positions of these numbers in /proc/PID/stat. They are counted after the name of the program, because
 * that name can contain spaces.
 */
const at = { user: 11, system: 12, userOfEnded: 13, systemOfEnded: 14 };

/**
 * Returns the processor time of a process and its children in milliseconds, in steps of 10. Children that
 * have ended are included.
 */
export function processorMs(pid: number): number {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch (error) {
    // The child has just ended. Its time is now a part of its parent's time.
    if (isProcessGone(error)) return 0;
    throw error;
  }
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const own = Object.values(at).reduce((sum, index) => sum + Number(fields[index]), 0);
  return childrenOf(pid).reduce((sum, child) => sum + processorMs(child), own * msPerTick);
}
