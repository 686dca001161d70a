/** The counts of vitest's JSON report; a bad run without a failed test, or without any test, counts as one failed. */
export declare function countTests(
  exitCode: number,
  report: { readonly numPassedTests: number; readonly numFailedTests: number } | null,
): { readonly passed: number; readonly failed: number };

/** What vitest is given to run `folders`, or the files among the caller's own arguments. */
export declare function testArguments(folders: readonly string[], args: readonly string[]): readonly string[];
