/** What a bearer opens: `account` is missing for the fixed ones, which open every account. */
export interface LivePersonGrant {
  account?: string;
  /** Administrators (and LivePerson's own people) may install apps; others are refused with 403. */
  isAdmin: boolean;
}

/** Bearers that never run out; they open the sandbox and nothing else. */
export const LIVEPERSON_BEARERS: Readonly<Record<string, LivePersonGrant>> = {
  'sandbox-lp-bearer': { isAdmin: true },
  'sandbox-lp-agent-bearer': { isAdmin: false },
};

export interface LivePersonUser {
  username: string;
  password: string;
  isAdmin: boolean;
  /** A blocked user is answered with 451. */
  isBlocked: boolean;
}

/** Users of every account, for the login call. */
export const LIVEPERSON_USERS: readonly LivePersonUser[] = [
  { username: 'admin', password: 'sandbox-lp-password', isAdmin: true, isBlocked: false },
  { username: 'agent', password: 'sandbox-lp-password', isAdmin: false, isBlocked: false },
  { username: 'blocked', password: 'sandbox-lp-password', isAdmin: true, isBlocked: true },
];
