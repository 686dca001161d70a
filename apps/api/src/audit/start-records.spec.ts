import { expect, it } from 'vitest';
import type { AuditLine } from '#libs/audit/index.js';
import { nothingSet } from '../openapi/render.js';
import { apiKey } from '../testing/app.fixture.js';
import { AuditLog } from './audit-log.js';
import { recordKeyChange, recordStart } from './start-records.js';

function recorded(write: (audit: AuditLog) => void): AuditLine[] {
  const lines: AuditLine[] = [];
  write(new AuditLog({ log: (line) => lines.push(line), file: undefined }));
  return lines;
}

it('puts settings and each key on record as a process starts, and no secret', () => {
  const settings = { ...nothingSet(), trustProxy: ['10.0.0.0/8'] };
  const ci = apiKey('gwk_ci', { id: 'ci', tenants: ['acme'], scopes: ['codec'], notAfter: '2027-01-01T00:00:00Z' });
  const lines = recorded((audit) =>
    recordStart(audit, { ...settings, apiKeys: [ci, apiKey('gwk_ops', { id: 'ops' })] }),
  );
  expect(lines.map(({ route, id, result }) => [route, id, result])).toEqual([
    ['settings', null, 'in-force'],
    ['key', 'ci', 'in-force'],
    ['key', 'ops', 'in-force'],
  ]);
  expect(lines[0]?.reason).toContain('proxies 10.0.0.0/8');
  const hash = ci.sha256.slice(0, 12);
  expect(lines[1]?.reason).toBe(`sha256 ${hash}; tenants acme; scopes codec; until 2027-01-01T00:00:00Z`);
  expect(JSON.stringify(lines)).not.toMatch(/gwk_/);
});

it('puts a key that was taken away on record', () => {
  const key = apiKey('gwk_ci', { id: 'ci' });
  expect(recorded((audit) => recordKeyChange(audit, { key, change: 'removed' }))).toMatchObject([
    { route: 'key', id: 'ci', result: 'removed' },
  ]);
});
