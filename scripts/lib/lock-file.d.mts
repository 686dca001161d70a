/** What is wrong with package-lock.json (its text; default: this checkout's), a sentence per fault. */
export declare function lockFaults(text?: string): string[];
