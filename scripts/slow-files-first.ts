import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * These take longest, and mostly wait. On a fresh clone, Vitest knows no durations and begins with the largest files.
 * These small ones would come last, with nothing left to do beside them.
 */
const slow = [
  "chaos/test/chaos.",
  "chaos/test/mixed.",
  "hostile/test/hostile.",
  "bench/test/bench.",
  "rig/test/scaling.",
  "rig/test/topology.",
  "foreign-clients/test/token.",
  "end-to-end/test/six-timers.",
];

const isSlow = ({ moduleId }: TestSpecification): boolean => slow.some((part) => moduleId.includes(part));

export class SlowFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const groupOf = ({ project }: TestSpecification): number => project.config.sequence.groupOrder;
    return sorted.toSorted((a, b) => groupOf(a) - groupOf(b) || Number(isSlow(b)) - Number(isSlow(a)));
  }
}
