/** Node keys of the LivePerson section. */
export const LIVEPERSON_KEYS = { app: 'liveperson.app' } as const;
