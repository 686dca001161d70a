import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { operationWorkflowId, QUEUE_LIMIT } from '#libs/contracts/index.js';
import {
  address,
  callsSoFar,
  operationOf,
  startAccounts,
  writesSince,
  type AccountsUnderTest,
  type AccountUnderTest,
} from '#test/support/accounts.js';
import { minimalEgainSpec } from '#test/factories/index.js';
import { ownedAtVendors } from '#test/support/engine.js';
import type { Answer } from '#test/support/api.js';

/** Up to twenty operations, one after the other. */
vi.setConfig({ testTimeout: 240_000 });

let accounts: AccountsUnderTest;
let account: AccountUnderTest;

beforeAll(async () => {
  accounts = await startAccounts(inject('temporal'), {}, minimalEgainSpec);
});
afterAll(() => accounts.close());
beforeEach(() => {
  account = accounts.fresh();
});

/** When each operation of the account began and ended, by its id, in the order in which they began. */
async function spans(): Promise<{ runId: string; began: number; ended: number }[]> {
  const { client } = accounts.engine;
  const workflowId = operationWorkflowId({ tenant: account.tenant, account: 'support' });
  const found = [];
  for await (const each of client.workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
    const runId = String((each.memo as { runId?: unknown } | undefined)?.runId);
    found.push({ runId, began: each.startTime.getTime(), ended: each.closeTime?.getTime() ?? Infinity });
  }
  return found.sort((a, b) => a.began - b.began);
}

const accepted = (answers: readonly Answer[]): string[] =>
  answers.flatMap((answer) => (answer.status === 202 ? [operationOf(answer)] : []));

describe('twenty amendments at once', () => {
  it('of different specs run one after the other, or are refused because the line is full', async () => {
    await account.onboard();
    const texts = Array.from({ length: 20 }, (_, i) => `+1555${String(1_000 + i)}`);
    const answers = await Promise.all(texts.map((text) => account.put(account.spec(address(text)))));
    const runIds = accepted(answers);
    // A busy server may leave one without an answer: then nobody can say whether it was accepted.
    const unsure = answers.some(({ status }) => status === 503);
    const refused = answers.filter(({ status }) => status !== 202 && status !== 503);
    for (const { status, body } of refused) {
      expect({ status, type: body['type'] }).toEqual({
        status: 409,
        type: expect.stringMatching('queue-full') as string,
      });
    }
    if (!unsure) expect(runIds.length).toBeGreaterThanOrEqual(QUEUE_LIMIT);
    expect(new Set(runIds).size).toBe(runIds.length);
    const settled = await account.settled();
    const ran = (await spans()).slice(1);
    for (const [i, each] of ran.entries()) expect(each.began).toBeGreaterThanOrEqual(ran[i - 1]?.ended ?? 0);
    // Two that were accepted at once may find the line full: such a one ends as cancelled and is told so, never lost.
    const ends = await Promise.all(
      runIds.map(async (runId) => (await accounts.api.progress(account.id, runId)).status),
    );
    expect(new Set(ends)).toEqual(new Set(ends.includes('cancelled') ? ['succeeded', 'cancelled'] : ['succeeded']));
    const done = runIds.filter((_, i) => ends[i] === 'succeeded');
    const began = ran.map(({ runId }) => runId);
    expect(began).toEqual(expect.arrayContaining(done));
    if (!unsure) expect(began).toHaveLength(done.length);
    const last = await accounts.api.progress(account.id, ran.at(-1)?.runId);
    expect(settled).toMatchObject({ lastOperation: { id: last.runId, status: 'succeeded' } });
    const stands = account.objects('egain', 'account').map((each) => each['address']);
    const shown = (settled['spec'] as { egain: { channels: { account: { address: string } }[] } }).egain.channels;
    expect(stands.sort()).toEqual(shown.map((channel) => channel.account.address).sort());
  });

  it('of the same spec are one, and write it once', async () => {
    await account.onboard();
    const seq = callsSoFar(accounts.engine);
    const body = account.spec(address('+15550144'));
    const first = await account.put(body);
    const answers = await Promise.all(Array.from({ length: 19 }, () => account.put(body)));
    for (const answer of answers) {
      // Once it stands there is nothing left to do.
      expect([first.body['operationId'], null]).toContain(answer.body['operationId']);
      expect(answer.status).toBe(answer.body['operationId'] === null ? 200 : 202);
    }
    await account.ended(first, 'succeeded');
    expect(writesSince(accounts.engine, seq)).toEqual(['update account']);
  });

  it('of the same spec sent twice at the very same moment write it once', async () => {
    await account.onboard();
    const seq = callsSoFar(accounts.engine);
    const body = account.spec(address('+15550145'));
    const answers = await Promise.all([account.put(body), account.put(body)]);
    for (const answer of answers.filter(({ status }) => status === 202)) await account.ended(answer, 'succeeded');
    await account.settled();
    expect(writesSince(accounts.engine, seq)).toEqual(['update account']);
  });
});

describe('an offboarding against others', () => {
  it('and an amendment and a start: in some order, and at the end all stands or nothing', async () => {
    await account.onboard();
    const [put, removed, start] = await Promise.all([
      account.put(account.spec(address('+15550133'))),
      account.remove(),
      accounts.api.start(account.spec()),
    ]);
    expect(removed.status).toBe(202);
    expect([202, 409]).toContain(put.status);
    expect([200, 202, 409]).toContain(start.status);
    await account.ended(removed, 'succeeded');
    if (put.status === 202) {
      // Accepted before it, or at the same moment: then it ran before, or was dropped and says so.
      expect(['succeeded', 'cancelled']).toContain((await accounts.api.progress(account.id, operationOf(put))).status);
    }
    await account.gone();
    expect(ownedAtVendors(accounts.engine.sandbox, account.id)).toEqual([]);
  });

  it('twenty of them are one', async () => {
    await account.onboard();
    const answers = await Promise.all(Array.from({ length: 20 }, () => account.remove()));
    const first = accepted(answers)[0] ?? '';
    for (const { status } of answers) expect([202, 404]).toContain(status);
    await account.gone();
    const ran = await spans();
    expect(ran.filter(({ began }) => began > (ran[0]?.ended ?? 0))).toHaveLength(1);
    expect((await accounts.api.progress(account.id, first)).kind).toBe('offboard');
    expect(ownedAtVendors(accounts.engine.sandbox, account.id)).toEqual([]);
  });
});
