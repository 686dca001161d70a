import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DeterminismViolationError } from '@temporalio/workflow';
import { Worker } from '@temporalio/worker';
import { afterAll, describe, expect, it } from 'vitest';
import { readKeyRingFile } from '#libs/config/key-ring-file.js';
import { createDataConverter } from '#libs/temporal/data-converter.js';
import { operationOf, SCENARIOS } from './scenarios.js';

interface RecordedHistory {
  events: [{ workflowExecutionStartedEventAttributes: { workflowId: string } }, ...unknown[]];
}

const FOLDER = path.resolve('test/replay/histories');
const BUNDLE = path.resolve('dist/workflow-bundle.js');
const dataConverter = createDataConverter(
  readKeyRingFile(path.resolve('test/replay/key-ring.json'), { allowReadable: true }),
  'default',
);
const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));
const scratch = mkdtempSync(path.join(tmpdir(), 'gangway-replay-'));

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function replay(file: string, codePath = BUNDLE): Promise<void> {
  const history = JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8')) as RecordedHistory;
  // Payloads are bound to the workflow that they were written for.
  const { workflowId } = history.events[0].workflowExecutionStartedEventAttributes;
  return Worker.runReplayHistory({ workflowBundle: { codePath }, dataConverter }, history, workflowId);
}

/** The compiled workflows with one piece of their text changed, as a careless edit would. */
function changedBundle(from: string, to: string): string {
  const code = readFileSync(BUNDLE, 'utf8');
  expect(code.split(from).length - 1, `occurrences of ${from}`).toBe(1);
  const file = path.join(scratch, `${String(from.length)}-${String(to.length)}.js`);
  writeFileSync(
    file,
    code.replace(from, () => to),
  );
  return file;
}

describe('recorded histories', () => {
  it('are there for every scenario', () => {
    for (const each of SCENARIOS) expect(files).toContain(`${each.name}.${operationOf(each)}.json`);
  });

  it.each(files)('%s replays', async (file) => {
    await expect(replay(file)).resolves.toBeUndefined();
  });
});

describe('a changed workflow is noticed', () => {
  it.each([
    {
      reason: 'other activity ids: what runs in Temporal could no longer be told apart by node',
      file: 'succeeded.onboardAccount.json',
      from: 'return `${key}:${verb}`',
      to: 'return `${key}/${verb}`',
    },
    {
      reason: 'other activity types: no worker knows the former ones',
      file: 'rolled-back.onboardAccount.json',
      from: 'return `${vendor}.${resource}.${verb}`',
      to: 'return `${vendor}.${verb}.${resource}`',
    },
    {
      reason: 'another id of the operation: two could run side by side',
      file: 'succeeded.account.json',
      from: "const OPERATION_PREFIX = 'operation/'",
      to: "const OPERATION_PREFIX = 'job/'",
    },
    {
      reason: 'an amendment that looks at nothing: its first command is another one',
      file: 'amended.amendAccount.json',
      from: 'await this.look();',
      to: ';',
    },
    {
      reason: 'an offboarding that proves nothing: a command is gone',
      file: 'offboarded.offboardAccount.json',
      from: 'await this.remains.proveGone();',
      to: ';',
    },
    {
      reason: 'a repair that does not look again: a command is gone',
      file: 'repaired.reconcileAccount.json',
      from: 'if (touched.size === 0)',
      to: 'if (touched.size >= 0)',
    },
    {
      reason: 'another id of the operation: one that undoes still would not be waited for',
      file: 'amended.account-2.json',
      from: "const OPERATION_PREFIX = 'operation/'",
      to: "const OPERATION_PREFIX = 'work/'",
    },
  ])('$reason', async ({ file, from, to }) => {
    await expect(replay(file, changedBundle(from, to))).rejects.toThrow(DeterminismViolationError);
  });
});
