import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { exitOnConfigError } from '#libs/config/faults.js';
import { readStarterSettings, withoutInstallationSettings, type StarterSettings } from '#libs/config/starter.js';

import { createApiClient } from '../api/client.js';
import { errorText } from '../errors.js';
import { freePorts } from '../parts/ports.js';
import { projectFile } from '../parts/project.js';
import { INTERRUPTED, superviseSystem } from '../parts/supervise.js';
import type { System } from '../parts/system.js';
import { duration } from '../render/text.js';
import { readSpec } from '../spec/read-spec.js';
import { sandboxControl } from './sandbox-control.js';
import { tellHandoff } from './handoff-story.js';
import { tellStory } from './story.js';

const out = process.stdout;
const say = (...lines: string[]): unknown => out.write(lines.map((line) => `${line}\n`).join(''));

async function demo(settings: StarterSettings, dataDir: string): Promise<number> {
  const began = performance.now();
  const { value: spec } = await readSpec(projectFile('examples', 'egain-sinch.yaml'), process.stdin);
  const { value: handoff } = await readSpec(projectFile('examples', 'liveperson-handoff.yaml'), process.stdin);
  // A server that outlives this demonstration still knows the accounts of the one before.
  const suffix = settings.temporalAddress === undefined ? '' : `-${Date.now().toString(36)}`;

  const tell = async (system: System, signal: AbortSignal): Promise<void> => {
    const client = createApiClient({ url: system.apiUrl, token: system.apiKey });
    const sandbox = sandboxControl(system.sandboxUrl ?? '');
    const stage = { client, sandbox, suffix, out, signal };
    const { live, undone } = await tellStory({ ...stage, spec });
    const handed = await tellHandoff({ ...stage, spec: handoff });
    say(
      '',
      'Where this is to be seen while the system runs (npm start keeps it up):',
      `  workflow of ${live.id}: ${live.links.temporalUi ?? 'no Temporal UI is known: set GANGWAY_TEMPORAL_UI_URL'}`,
      `  workflow of ${undone.id}: ${undone.links.temporalUi ?? 'as above'}`,
      `  workflow of ${handed.id}: ${handed.links.temporalUi ?? 'as above'}`,
      `  progress: ${new URL(live.links.self, system.apiUrl).href}`,
      `  API documentation: ${system.apiUrl}/docs`,
      '',
      'stopping everything',
    );
  };
  const interrupted = await superviseSystem(
    {
      dataDir,
      ports: await freePorts(),
      environment: withoutInstallationSettings(settings.environment),
      temporalAddress: settings.temporalAddress,
      temporalUiUrl: settings.temporalAddress === undefined ? undefined : settings.temporalUiUrl,
      connections: undefined,
      report: (line) => say(line),
    },
    tell,
  );
  if (interrupted) return INTERRUPTED;
  say(`the demonstration went as it should (${duration(performance.now() - began)})`);
  return 0;
}

async function main(): Promise<number> {
  const settings = readStarterSettings();
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'gangway-demo-'));
  try {
    const exitCode = await demo(settings, dataDir);
    await rm(dataDir, { recursive: true, force: true });
    return exitCode;
  } catch (error) {
    process.stderr.write(`\nthe demonstration failed: ${errorText(error)}\nlogs: ${path.join(dataDir, 'logs')}\n`);
    return 1;
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  exitOnConfigError(error);
  throw error;
}
