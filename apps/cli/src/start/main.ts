import { CONFIG_EXIT_CODE, exitOnConfigError } from '#libs/config/faults.js';
import { unknownVariables } from '#libs/config/known-variables.js';
import { readStarterSettings, type StarterSettings } from '#libs/config/starter.js';

import { errorText } from '../errors.js';
import { claimDataDir } from '../parts/data-dir.js';
import { PartFailed } from '../parts/part.js';
import { requireFreePorts } from '../parts/ports.js';
import { superviseSystem } from '../parts/supervise.js';
import { endFormerSystem } from '../parts/system-record.js';
import type { System } from '../parts/system.js';
import { duration } from '../render/text.js';
import { cliSettings } from './cli-settings.js';

const say = (...lines: string[]): unknown => process.stdout.write(lines.map((line) => `${line}\n`).join(''));

async function start(): Promise<void> {
  const began = performance.now();
  const settings = readStarterSettings();
  say(...unknownVariables().map((line) => `warning: ${line}`));
  // Before anything is written there: a system that runs in the folder keeps its files as they are.
  const release = await claimDataDir(settings.dataDir);
  try {
    // Before the ports are looked at: they may still be in the hands of a start that was killed.
    const embedded = settings.temporalAddress === undefined;
    await endFormerSystem(settings.dataDir, { embedded, report: (line) => say(line) });
    await run(settings, began);
  } finally {
    release();
  }
}

async function run(settings: StarterSettings, began: number): Promise<void> {
  const { temporalAddress, connections, ports } = settings;
  await requireFreePorts({
    api: ports.api,
    ...(temporalAddress === undefined ? { temporal: ports.temporal, temporalUi: ports.temporalUi } : {}),
    ...(connections === undefined ? { sandbox: ports.sandbox } : {}),
  });
  await superviseSystem({ ...settings, report: (line) => say(line) }, async (system, signal) => {
    say(...introduction(system, settings, performance.now() - began));
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  });
}

function introduction(system: System, settings: StarterSettings, tookMs: number): string[] {
  const { apiUrl, apiKey, sandboxUrl, temporalAddress, temporalUiUrl } = system;
  const key = apiKey ?? '$GANGWAY_TOKEN';
  return [
    '',
    `Gangway is ready (${duration(tookMs)})`,
    `  API            ${apiUrl}/v1`,
    `  documentation  ${apiUrl}/docs`,
    `  Temporal       ${temporalAddress}${temporalUiUrl === undefined ? '' : `, UI ${temporalUiUrl}`}`,
    ...(sandboxUrl === undefined ? [] : [`  sandbox        ${sandboxUrl}/_sandbox/state (what the vendors hold)`]),
    `  logs           ${settings.dataDir}/logs`,
    ...(apiKey === undefined ? [] : [`  api key: ${apiKey}`]),
    '',
    'Try, in another terminal:',
    `  curl -H 'Authorization: Bearer ${key}' ${apiUrl}/v1/onboardings`,
    `  ${[...cliSettings(settings), 'npx gangway onboard -f examples/egain-sinch.yaml --wait'].join(' ')}`,
    '',
    'Ctrl-C stops all of it.',
  ];
}

try {
  await start();
} catch (error) {
  exitOnConfigError(error);
  process.stderr.write(`gangway: ${errorText(error)}\n`);
  process.exitCode = error instanceof PartFailed && error.wrongSettings ? CONFIG_EXIT_CODE : 1;
}
