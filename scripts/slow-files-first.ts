import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * These take longest, and mostly wait. On a fresh clone, Vitest knows no durations and begins with the largest files.
 * These small ones would come last, with nothing left to do beside them. They begin in this order, so that only two
 * at a time start a cluster.
 */
const slow = [
  "chaos/test/chaos.",
  "foreign-clients/test/token.",
  "end-to-end/test/six-timers.",
  "cli/test/comes-back.",
  "chaos/test/mixed.",
  "hostile/test/hostile.",
  "end-to-end/test/deadlines-survive.",
  "cli/test/start-order.",
  "rig/test/scaling.",
  "bench/test/bench.",
  "rig/test/topology.",
];

function rankOf({ moduleId, project }: TestSpecification): readonly [group: number, slowest: number] {
  const nth = slow.findIndex((part) => moduleId.includes(part));
  return [project.config.sequence.groupOrder, nth === -1 ? slow.length : nth];
}

export class SlowFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const ranked = (await super.sort(files)).map((file) => ({ file, rank: rankOf(file) }));
    return ranked.toSorted((a, b) => a.rank[0] - b.rank[0] || a.rank[1] - b.rank[1]).map(({ file }) => file);
  }
}
