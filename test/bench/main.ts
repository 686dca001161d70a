/** `npm run bench`: measures the engine against the same calls made bare. Figures are no test: a missed aim ends it well all the same. */
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import { meets, renderReport, type Report } from './figures.js';
import { busyMark, share } from './idle.js';
import { readOptions, USAGE, UsageError, type BenchOptions, type SectionName } from './options.js';
import { createScreen } from './screen.js';
import type { Section } from './section.js';
import { chain } from './sections/chain.js';
import { crash } from './sections/crash.js';
import { fence } from './sections/fence.js';
import { history } from './sections/history.js';
import { hostile } from './sections/hostile.js';
import { lifecycle } from './sections/lifecycle.js';
import { lists } from './sections/lists.js';
import { manifest } from './sections/manifest.js';
import { memory } from './sections/memory.js';
import { sandbox } from './sections/sandbox.js';
import { secondWorker } from './sections/second-worker.js';
import { throughput } from './sections/throughput.js';
import { startBenchSystem } from './system.js';

const EXIT_USAGE = 64;
const EXIT_INTERRUPTED = 130;

const MEASURES: Record<SectionName, readonly Section[]> = {
  chain,
  lifecycle,
  throughput: [throughput],
  history: [history],
  'second-worker': [secondWorker],
  fence: [fence],
  crash: [crash],
  manifest: [manifest],
  hostile: [hostile],
  lists: [lists],
  sandbox: [sandbox],
  memory: [memory],
};

async function main(options: BenchOptions): Promise<void> {
  const screen = createScreen();
  const began = performance.now();
  const system = await startBenchSystem((line) => screen.progress(line), options.store);
  const reports: Report[] = [];
  try {
    const sections = options.sections.flatMap((name) => MEASURES[name].map((measure) => ({ name, measure })));
    for (const { name, measure } of sections) {
      try {
        const mark = busyMark(await share());
        for (const report of await measure({
          system,
          rounds: options.rounds,
          seed: options.seed,
          progress: screen.progress,
        })) {
          const told = mark === undefined ? report : { ...report, mark };
          reports.push(told);
          screen.print(`${renderReport(told)}\n`);
        }
      } catch (error) {
        // The other sections may still tell something.
        screen.print(`${name} broke: ${error instanceof Error ? error.message : String(error)}\n`);
        process.exitCode = 1;
      }
    }
  } finally {
    screen.progress('stopping');
    await system.stop();
  }
  const aimed = reports.flatMap(({ figures }) => figures.filter(({ aim }) => aim !== undefined));
  const met = aimed.filter((figure) => meets(figure) === true).length;
  const unmeasured = aimed.filter((figure) => meets(figure) === undefined).length;
  const seconds = ((performance.now() - began) / 1_000).toFixed(0);
  const unknown = unmeasured === 0 ? '' : `, ${unmeasured} not measured`;
  screen.print(`${met} of ${aimed.length} aims met${unknown}, on ${options.store}, in ${seconds} s, ${machine()}`);
  const marked = reports.filter(({ mark }) => mark !== undefined).length;
  if (marked > 0)
    screen.print(`the machine was busy: ${marked} of ${reports.length} tables are marked, and mean little`);
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify({ machine: machine(), store: options.store, reports }, null, 2)}\n`);
}

function machine(): string {
  const [cpu] = os.cpus();
  return `${os.cpus().length} x ${cpu?.model.trim() ?? 'unknown'}, Node ${process.version}, load ${os.loadavg()[0]?.toFixed(1) ?? '?'}`;
}

// The parts end with this process; `exit` removes what they leave.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => process.exit(EXIT_INTERRUPTED));

try {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) console.log(USAGE);
  else await main(options);
} catch (error) {
  console.error(error instanceof UsageError ? error.message : error);
  process.exitCode = error instanceof UsageError ? EXIT_USAGE : 1;
}
