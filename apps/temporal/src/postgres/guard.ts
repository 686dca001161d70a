import { fork, type ChildProcess } from 'node:child_process';

import type { ProcessIdentity } from '#scripts/lib/lock.mjs';

const program = new URL('./guard.mjs', import.meta.url);

/** What the guard is told; each message is answered by its id once it counts. */
interface Told {
  readonly folder?: string;
  readonly add?: { identity: ProcessIdentity; signal: NodeJS.Signals };
  readonly remove?: number;
}

/**
 * A process of its own that ends what is watched when this one is gone, even by SIGKILL. With `temporaryFolder` it does so at once and
 * removes the folder; without, it lets each end by itself, for its data are kept.
 */
export class Guard {
  readonly #child: ChildProcess;
  #count = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(temporaryFolder: string | undefined): Promise<Guard> {
    const child = fork(program, { detached: true, stdio: 'ignore', execArgv: [], env: {} });
    const guard = new Guard(child);
    await guard.#tell(temporaryFolder === undefined ? {} : { folder: temporaryFolder });
    child.unref(); // it is no reason to go on
    return guard;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** From now on the process ends when this one does; by `signal` where it may end by itself. */
  watch(identity: ProcessIdentity, signal: NodeJS.Signals): Promise<void> {
    return this.#tell({ add: { identity, signal } });
  }

  /** The process has ended. */
  forget(pid: number): Promise<void> {
    return this.#tell({ remove: pid });
  }

  /** Ends the guard, who then ends what it still watches and removes its folder. Resolves when it is gone. */
  async dismiss(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.ref();
    this.#child.disconnect();
    await gone;
  }

  async #tell(message: Told): Promise<void> {
    const id = (this.#count += 1);
    const { channel } = this.#child;
    channel?.ref();
    await new Promise<void>((resolve, reject) => {
      const gone = (): void => reject(new Error("the cluster's guard has ended"));
      const noted = (answer: unknown): void => {
        if ((answer as { noted: number }).noted !== id) return;
        this.#child.off('message', noted).off('exit', gone);
        resolve();
      };
      this.#child.on('message', noted).once('exit', gone);
      this.#child.send({ ...message, id }, (error) => {
        if (error !== null) reject(error);
      });
    }).finally(() => channel?.unref());
  }
}
