/** Waits that have not ended: delayed answers and effects that come later. */
export class Pending {
  readonly #waits = new Map<NodeJS.Timeout, (elapsed: boolean) => void>();
  readonly #idle = new Set<() => void>();

  get size(): number {
    return this.#waits.size;
  }

  /** `true` after `ms`, `false` as soon as everything is called off. */
  wait(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#end(timer, true), ms);
      this.#waits.set(timer, resolve);
    });
  }

  /** Resolves once nothing is pending. */
  async idle(): Promise<void> {
    while (this.#waits.size > 0) {
      await new Promise<void>((resolve) => {
        this.#idle.add(resolve);
      });
    }
  }

  /** Ends every wait without its effect. */
  callOff(): void {
    for (const timer of [...this.#waits.keys()]) {
      clearTimeout(timer);
      this.#end(timer, false);
    }
  }

  #end(timer: NodeJS.Timeout, elapsed: boolean): void {
    this.#waits.get(timer)?.(elapsed);
    this.#waits.delete(timer);
    if (this.#waits.size > 0) return;
    // One turn later, so that what waited has had its effect by then.
    setImmediate(() => {
      for (const resolve of this.#idle) resolve();
      this.#idle.clear();
    });
  }
}
