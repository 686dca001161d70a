import type { Chain } from './chain.js';
import { recordEgainChain } from './egain-chain.js';
import { recordLivepersonChain } from './liveperson-chain.js';
import { recordLivepersonHandoffChain } from './liveperson-handoff-chain.js';

/** The chains of the matrix; together they have every resource that is registered. */
export async function recordChains(): Promise<Chain[]> {
  return [await recordEgainChain(), await recordLivepersonChain(), await recordLivepersonHandoffChain()];
}
