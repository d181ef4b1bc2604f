import { readFileSync } from "node:fs";
import { childrenOf, isProcessGone } from "@sallyport/testkit";

/**
 * Reads this file of /proc for a process and its children, and returns the sum of their numbers. A process
 * that has ended counts 0.
 */
export function sumOfTree(pid: number, file: string, numberIn: (text: string) => number): number {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch (error) {
    if (isProcessGone(error)) return 0;
    throw error;
  }
  return childrenOf(pid).reduce((sum, child) => sum + sumOfTree(child, file, numberIn), numberIn(text));
}
