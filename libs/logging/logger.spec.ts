import { Writable } from 'node:stream';
import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { createLogger, temporalLogger, type Logger } from './index.js';

function capture(level: 'debug' | 'info' | 'warn' = 'info', pretty = false): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  const destination = new Writable({
    decodeStrings: false,
    write: (line: string | Buffer, _, done) => {
      lines.push(line.toString());
      done();
    },
  });
  return { logger: createLogger({ level, service: 'worker', pretty, destination }), lines };
}

const parse = (line: string | undefined): unknown => JSON.parse(line ?? '');

describe('createLogger', () => {
  it('writes one JSON object per line, with level, time and service', () => {
    const { logger, lines } = capture();
    logger.info({ accountId: 'acme.support' }, 'done');
    expect(lines).toHaveLength(1);
    expect(parse(lines[0])).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as unknown,
      service: 'worker',
      accountId: 'acme.support',
      msg: 'done',
    });
  });

  it('leaves out what is below its level', () => {
    const { logger, lines } = capture('warn');
    logger.info('quiet');
    logger.warn('loud');
    expect(lines.map((line) => parse(line))).toEqual([expect.objectContaining({ msg: 'loud' })]);
  });

  it('hides fields that hold secrets, also inside others', () => {
    const { logger, lines } = capture();
    logger.info(
      { password: 'canary', req: { headers: { authorization: 'canary' } }, body: { client_secret: 'canary' } },
      'm',
    );
    expect(lines.join('')).not.toContain('canary');
    expect(lines.join('')).toContain('[redacted]');
  });

  it('writes readable lines for people', async () => {
    const { logger, lines } = capture('info', true);
    logger.info({ step: 'egain.channel.sms' }, 'created');
    await expect.poll(() => lines.join('')).toContain('created');
    expect(lines.join('')).toContain('egain.channel.sms');
    expect(lines.join('')).not.toContain('{"level"');
  });
});

describe('temporalLogger', () => {
  it('keeps the fields that say about what, and the error', () => {
    const { logger, lines } = capture();
    temporalLogger(logger).warn('Activity failed', {
      activityType: 'egain.channel.ensure',
      attempt: 2,
      taskToken: 'long',
      error: new Error('refused'),
    });
    const record = parse(lines[0]);
    expect(record).toMatchObject({
      level: 'warn',
      activityType: 'egain.channel.ensure',
      attempt: 2,
      err: { message: 'refused' },
      msg: 'Activity failed',
    });
    expect(record).not.toHaveProperty('taskToken');
  });

  it('keeps all that is told of a write at a vendor and of a notification', () => {
    const { logger, lines } = capture();
    const write = {
      ...{
        accountId: 'acme.support',
        step: 'egain.channel',
        vendor: 'egain',
        resource: 'channel',
        operation: 'create',
      },
      ...{
        outcome: 'refused',
        externalId: '',
        code: 'CONFLICT',
        httpStatus: 409,
        vendorCode: '409-1',
        reason: 'it stands',
      },
    };
    const notification = { event: 'succeeded', webhookId: 'msg_1', host: 'hooks.acme.example', httpStatus: 200 };
    temporalLogger(logger).warn('create of channel refused', write);
    temporalLogger(logger).info('notification delivered', notification);
    expect(parsed(lines)).toMatchObject([write, notification]);
  });

  const parsed = (lines: string[]): Record<string, unknown>[] => lines.map((line) => parse(line) as never);

  it('tells what our code raised on purpose in one line, and where it fits at info', () => {
    const { logger, lines } = capture('debug');
    const log = temporalLogger(logger);
    const refusal = { type: 'PERMISSION_DENIED', message: 'eGain says no', nonRetryable: true };
    log.warn('Activity failed', { attempt: 1, error: ApplicationFailure.create(refusal) });
    const rolledBack = Object.assign(new Error('eGain says no'), { stack: 'ROLLED_BACK: eGain says no' });
    log.warn('Workflow failed', { workflowType: 'onboardAccount', error: rolledBack });
    log.warn('Workflow failed', { workflowType: 'account', error: rolledBack });
    const records = parsed(lines);
    expect(records.map(({ level, code }) => [level, code])).toEqual([
      ['warn', 'PERMISSION_DENIED'],
      ['info', 'ROLLED_BACK'],
      ['debug', 'ROLLED_BACK'],
    ]);
    for (const record of records) expect(record).toMatchObject({ reason: 'eGain says no', final: true });
    expect(lines.join('')).not.toMatch(/"err"|"stack"/);
  });

  it('keeps the stack of what nobody meant', () => {
    const { logger, lines } = capture();
    const log = temporalLogger(logger);
    const cause = new TypeError('x is not a function');
    log.warn('Activity failed', { error: ApplicationFailure.create({ type: 'OUTCOME_UNKNOWN', message: 'm', cause }) });
    log.warn('Workflow failed', { workflowType: 'onboardAccount', error: new Error('it broke') });
    for (const record of parsed(lines)) {
      expect(record).toMatchObject({ level: 'warn', err: { stack: expect.stringContaining('\n    at ') as string } });
    }
  });

  it('tells at error of a workflow whose tasks fail, once a run, with its ids and the cause', () => {
    const { logger, lines } = capture();
    const log = temporalLogger(logger);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      log.error('Failed to process Workflow Activation', { runId: 'r-1', error: new Error('no key k2') });
      log.warn('Failing workflow task', { run_id: 'r-1', failure: 'no key k2', sdkComponent: 'core' });
      log.warn('Failing workflow task', { run_id: 'r-2', workflow_id: 'account/acme.a', failure: 'not deterministic' });
    }
    expect(parsed(lines)).toMatchObject([
      {
        level: 'error',
        runId: 'r-1',
        err: { message: 'no key k2' },
        msg: expect.stringContaining('workflow task') as string,
      },
      { level: 'error', runId: 'r-2', workflowId: 'account/acme.a', cause: 'not deterministic' },
    ]);
  });

  it('remembers so many runs whose tasks fail, and no more', () => {
    const { logger, lines } = capture();
    const log = temporalLogger(logger);
    const fail = (run: number): void => {
      log.warn('Failing workflow task', { run_id: `r-${String(run)}`, failure: 'x' });
    };
    for (let run = 0; run <= 1_000; run += 1) fail(run);
    fail(1_000);
    expect(lines).toHaveLength(1_001);
    fail(0);
    expect(lines).toHaveLength(1_002);
  });

  it("takes the SDK's chatter at start for what it is", () => {
    const { logger, lines } = capture();
    const log = temporalLogger(logger);
    log.warn('No activities registered, not polling for activity tasks');
    log.log('INFO', 'Worker state changed', { state: 'RUNNING' });
    expect(lines).toEqual([]);
  });
});
