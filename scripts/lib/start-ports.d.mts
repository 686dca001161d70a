import type { Listener } from './ports.mjs';

/** The ports that `npm start` listens on, as `libs/config/listening.ts` has them. */
export declare const startPorts: readonly { readonly variable: string; readonly defaultPort: number }[];

/** The ports that `npm start` needs with these settings; `port` is NaN for one that is no number. */
export declare function neededPorts(environment: NodeJS.ProcessEnv): { variable: string; port: number }[];

/** What is said of a taken port. */
export declare function takenText(port: number, holder: Listener | null): string;

/** Rejects when a port that `npm start` needs is taken, after a line on stderr for each. */
export declare function refuseTakenPorts(environment?: NodeJS.ProcessEnv): Promise<void>;
