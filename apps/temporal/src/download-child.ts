/**
 * A process of its own, so that a download that hangs can be ended: `node download-child.js <folder> <version>` has the
 * SDK fetch the CLI into the folder. The SDK can only fetch and start in one, so the server is stopped again at once.
 */
import { createRequire } from 'node:module';

import type { native as nativeBridge } from '@temporalio/core-bridge';

async function main(): Promise<void> {
  const [, , downloadDir, version] = process.argv;
  if (downloadDir === undefined || version === undefined) throw new Error('usage: download-child <folder> <version>');

  // The bridge is the worker's dependency, not ours: it is looked up from there.
  const requireFromWorker = createRequire(createRequire(import.meta.url).resolve('@temporalio/worker'));
  const { native } = requireFromWorker('@temporalio/core-bridge') as { native: typeof nativeBridge };

  const runtime = native.newRuntime({
    logExporter: { type: 'console', filter: 'ERROR', format: null },
    telemetry: { attachServiceName: false, metricPrefix: 'temporal_' },
    metricsExporter: null,
    workerHeartbeatIntervalMillis: null,
  });
  const server = await native.newEphemeralServer(runtime, {
    type: 'dev-server',
    exe: {
      type: 'cached-download',
      downloadDir,
      version: `v${version}`,
      ttl: 24 * 60 * 60 * 1000,
      // Only looked at for the SDK's default version.
      sdkName: 'sdk-typescript',
      sdkVersion: 'fixed',
    },
    namespace: 'default',
    ip: '127.0.0.1',
    port: null,
    uiPort: null,
    dbFilename: null,
    ui: false,
    log: { format: 'text', level: 'error' },
    extraArgs: [],
  });
  await native.ephemeralServerShutdown(server);
  native.runtimeShutdown(runtime);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
