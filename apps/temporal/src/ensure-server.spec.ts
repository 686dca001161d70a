import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ensureServerPrograms } from './ensure-server.js';
import type { runGo } from './go-build.js';
import { readPinnedModule, type PinnedModule } from './pinned-module.js';
import { ProgramMissing } from './program-missing.js';

let folder: string;
let pinned: PinnedModule;
let built: string[];

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gangway-ensure-server-'));
  pinned = readPinnedModule('temporal-server', 'go.temporal.io/server', folder);
  built = [];
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true });
});

/** Writes programs that tell a version. */
function building(version: string): typeof runGo {
  return async ({ package: from, output }) => {
    built.push(from);
    await fs.promises.writeFile(output, `#!/bin/sh\necho 'temporal version ${version}'\n`, { mode: 0o755 });
  };
}

const log = (): void => undefined;

function ensure(options: Partial<Parameters<typeof ensureServerPrograms>[1]>): ReturnType<typeof ensureServerPrograms> {
  return ensureServerPrograms({ cacheDir: folder, environment: {} }, { log, pinned, ...options });
}

describe('ensureServerPrograms', () => {
  it('pins the version that the images of the compose file have', () => {
    const compose = fs.readFileSync('docker-compose.yml', 'utf8');
    expect(compose).toContain(`temporalio/server:${pinned.version}\n`);
    expect(compose).toContain(`temporalio/admin-tools:${pinned.version}\n`);
  });

  it('builds both programs once, also when two ask at the same time', async () => {
    const build = building(pinned.version);
    const [one, other] = await Promise.all([ensure({ build }), ensure({ build })]);
    expect(one).toEqual(other);
    expect(built).toEqual(['go.temporal.io/server/cmd/tools/sql', 'go.temporal.io/server/cmd/server']);
    expect(path.dirname(one.server)).toBe(pinned.cachedFolder);
  });

  it.each([
    { reason: 'it is of another version', leave: { 'temporal-server': '1.30.0', 'temporal-sql-tool': '1.31.2' } },
    { reason: 'a build was killed before the server was there', leave: { 'temporal-sql-tool': '1.31.2' } },
  ])('builds anew what is kept when $reason', async ({ leave }) => {
    fs.mkdirSync(pinned.cachedFolder, { recursive: true });
    for (const [name, version] of Object.entries(leave)) {
      const text = `#!/bin/sh\necho 'version ${version}'\n`;
      fs.writeFileSync(path.join(pinned.cachedFolder, name), text, { mode: 0o755 });
    }
    await ensure({ build: building(pinned.version) });
    expect(built).toHaveLength(2);
  });

  it('says in one line what is missing: Go, or a build where none may be made', async () => {
    const build: typeof runGo = () => Promise.reject(new Error('go is not on the PATH'));
    const error = await ensure({ build }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ProgramMissing);
    expect((error as Error).message).toMatch(/^Go is missing: install Go 1\.26\.4 or newer .*[^\n]*$/);
    await expect(ensure({ build, mayBuild: false })).rejects.toThrow(/^the Temporal server 1\.31\.2 is not built yet$/);
  });

  it('hands on why a build has failed, and keeps nothing of it', async () => {
    const build: typeof runGo = () => Promise.reject(new Error('go build failed: no space left on device'));
    await expect(ensure({ build })).rejects.toThrow('no space left on device');
    expect(fs.existsSync(path.join(pinned.cachedFolder, 'temporal-server'))).toBe(false);
  });
});
