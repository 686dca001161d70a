/** Asks again and again until there is an answer; fails with what was waited for after `withinMs`. */
export async function until<T>(
  ask: () => Promise<T | undefined> | T | undefined,
  what: string,
  withinMs = 30_000,
): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`waited ${String(withinMs)} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
