import { describe, expect, it } from 'vitest';

import { lockFaults } from '#scripts/lib/lock-file.mjs';
import { countTests, testArguments } from '#scripts/lib/test-runs.mjs';

describe('countTests', () => {
  it.each([
    { reason: 'a good run', exitCode: 0, report: [5, 0], counts: [5, 0] },
    { reason: 'failed tests are counted', exitCode: 1, report: [5, 2], counts: [5, 2] },
    { reason: 'a file that does not load has no failed test', exitCode: 1, report: [5, 0], counts: [5, 1] },
    { reason: 'a run without tests shows nothing', exitCode: 0, report: [0, 0], counts: [0, 1] },
  ])('$reason', ({ exitCode, report: [numPassedTests = 0, numFailedTests = 0], counts: [passed, failed] }) => {
    expect(countTests(exitCode, { numPassedTests, numFailedTests })).toEqual({ passed, failed });
  });

  it('counts a run that wrote no report as failed', () => {
    expect(countTests(0, null)).toEqual({ passed: 0, failed: 1 });
    expect(countTests(130, null)).toEqual({ passed: 0, failed: 1 });
  });
});

describe('testArguments', () => {
  it.each([
    { reason: 'all folders run when nothing is named', args: [], expected: ['test/e2e/'] },
    {
      reason: 'options narrow the folders',
      args: ['-t', 'the demonstration'],
      expected: ['test/e2e/', '-t', 'the demonstration'],
    },
    { reason: 'a file that is named runs alone', args: ['test/e2e/cli.spec.ts'], expected: ['test/e2e/cli.spec.ts'] },
    {
      reason: 'so does one without its folder',
      args: ['cli.spec.ts', '-t', 'x'],
      expected: ['cli.spec.ts', '-t', 'x'],
    },
  ])('$reason', ({ args, expected }) => {
    expect(testArguments(['test/e2e/'], args)).toEqual(expected);
  });
});

describe('lockFaults', () => {
  const lockWith = (entry: object): string =>
    JSON.stringify({ packages: { '': { name: 'gangway' }, 'node_modules/thing': { version: '1.0.0', ...entry } } });

  it('finds nothing in the lock of this checkout', () => {
    expect(lockFaults()).toEqual([]);
  });

  it('refuses an address, which would bind the lock to a registry', () => {
    const text = lockWith({ integrity: 'sha512-x', resolved: 'https://registry.example/thing.tgz' });
    expect(lockFaults(text)).toEqual(['node_modules/thing has "resolved": run npm run lock']);
  });

  it('refuses a package without a checksum', () => {
    expect(lockFaults(lockWith({}))).toEqual(['node_modules/thing has no "integrity": run npm run lock']);
  });
});
