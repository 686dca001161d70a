import { plainLine, type LookFinding } from '#libs/contracts/index.js';

/** A result as people may be shown it: what a vendor named is quoted in its message. */
export function shown<R extends { message: string }>(result: R): R {
  return { ...result, message: plainLine(result.message) };
}

/** The same for what a look saw. */
export function shownFinding(finding: LookFinding): LookFinding {
  const { reason, warnings } = finding;
  return {
    ...finding,
    reason: plainLine(reason),
    ...(warnings ? { warnings: warnings.map((each) => plainLine(each)) } : {}),
  };
}
