export {
  type AttemptCountsOptions,
  type OpenAttemptCounts,
  openAttemptCounts,
} from "./open-attempt-counts.ts";
