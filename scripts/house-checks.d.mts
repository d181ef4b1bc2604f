export interface Check {
  readonly name: string;
  /** Node gets these arguments and runs in the root of the repository. */
  readonly run: readonly string[];
  readonly fix?: string;
  readonly isTest?: boolean;
  readonly isOfBuild?: boolean;
}
export const houseChecks: readonly Check[];
export function runChecks(
  checks: readonly Check[],
  say?: (text: string) => void,
): Promise<{ passed: string[]; failed: string[] }>;
