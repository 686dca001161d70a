import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { exitOnConfigError } from '#libs/config/faults.js';
import { readStarterSettings, withoutInstallationSettings, type StarterSettings } from '#libs/config/starter.js';
import type { Progress } from '#libs/contracts/progress.js';

import { createApiClient } from '../api/client.js';
import { CliError, errorText } from '../errors.js';
import { freePorts } from '../parts/ports.js';
import { projectFile } from '../parts/project.js';
import { INTERRUPTED, superviseSystem } from '../parts/supervise.js';
import type { System } from '../parts/system.js';
import { duration } from '../render/text.js';
import { readSpec } from '../spec/read-spec.js';
import { cliSettings } from '../start/cli-settings.js';
import { sandboxControl } from './sandbox-control.js';
import { tellHandoff } from './handoff-story.js';
import { tellLife } from './life-story.js';
import { tellStory } from './story.js';

const out = process.stdout;
const say = (...lines: string[]): unknown => out.write(lines.map((line) => `${line}\n`).join(''));

async function demo(settings: StarterSettings, dataDir: string, keep: boolean): Promise<number> {
  const began = performance.now();
  const { value: spec } = await readSpec(projectFile('examples', 'egain-sinch.yaml'), process.stdin);
  const { value: handoff } = await readSpec(projectFile('examples', 'liveperson-handoff.yaml'), process.stdin);
  // A server that outlives this demonstration still knows the accounts of the one before.
  const suffix = settings.temporalAddress === undefined ? '' : `-${Date.now().toString(36)}`;
  const ports = await freePorts();
  const story = { told: false };
  const wellDone = (): string => `the demonstration went as it should (${duration(performance.now() - began)})`;

  const tell = async (system: System, signal: AbortSignal): Promise<void> => {
    const client = createApiClient({ url: system.apiUrl, token: system.apiKey });
    const sandbox = sandboxControl(system.sandboxUrl ?? '');
    const stage = { client, sandbox, suffix, out, signal };
    const { live, undone, foreign } = await tellStory({ ...stage, spec });
    const handed = await tellHandoff({ ...stage, spec: handoff });
    await tellLife({ ...stage, spec }, live.id, foreign);
    story.told = true;
    if (!keep) return void say('', 'stopping everything');
    const here = cliSettings({ ports, dataDir, apiHost: '127.0.0.1' });
    say('', wellDone(), ...whereToLook(system, [live, undone, handed], here));
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  };
  const interrupted = await superviseSystem(
    {
      dataDir,
      ports,
      environment: withoutInstallationSettings(settings.environment),
      temporalAddress: settings.temporalAddress,
      temporalUiUrl: settings.temporalAddress === undefined ? undefined : settings.temporalUiUrl,
      connections: undefined,
      report: (line) => say(line),
    },
    tell,
  );
  if (interrupted && !story.told) return INTERRUPTED;
  // No address of what has just been stopped: they lead nowhere now.
  if (!keep)
    say(wellDone(), 'npm run demo -- --keep leaves the system up to look around in; npm start begins one of your own.');
  return 0;
}

function whereToLook(system: System, jobs: readonly Progress[], settings: readonly string[]): string[] {
  return [
    '',
    'Where this is to be seen until Ctrl-C, which stops all of it:',
    ...jobs.map(({ id, links }) => {
      return `  workflow of ${id}: ${links.temporalUi ?? 'no Temporal UI is known: set GANGWAY_TEMPORAL_UI_URL'}`;
    }),
    `  API documentation: ${system.apiUrl}/docs`,
    `  the vendors: ${system.sandboxUrl ?? ''}/_sandbox/state`,
    'In another terminal:',
    `  ${[...settings, 'npx gangway list'].join(' ')}`,
  ];
}

/** @throws {CliError} for an argument that is none. */
function readArguments(args: readonly string[]): { keep: boolean } {
  const unknown = args.find((arg) => arg !== '--keep');
  if (unknown !== undefined) throw new CliError(`unknown argument ${unknown}: there is only --keep`);
  return { keep: args.includes('--keep') };
}

async function main(): Promise<number> {
  let dataDir: string | undefined;
  try {
    const { keep } = readArguments(process.argv.slice(2));
    const settings = readStarterSettings();
    dataDir = await mkdtemp(path.join(os.tmpdir(), 'gangway-demo-'));
    const exitCode = await demo(settings, dataDir, keep);
    await rm(dataDir, { recursive: true, force: true });
    return exitCode;
  } catch (error) {
    exitOnConfigError(error);
    const logs = dataDir === undefined ? '' : `logs: ${path.join(dataDir, 'logs')}\n`;
    process.stderr.write(`\nthe demonstration failed: ${errorText(error)}\n${logs}`);
    return 1;
  }
}

process.exitCode = await main();
