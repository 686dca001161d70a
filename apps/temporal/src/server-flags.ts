export interface ServerFlags {
  readonly port: number;
  readonly uiPort: number;
  readonly databaseFile: string;
  readonly namespace: string;
  /** Where the UI has payloads decoded; undefined for a server without our API. */
  readonly codecEndpoint: string | undefined;
}

/**
 * The dynamic settings of the dev server, measured (`docs/temporal.md` §9): with the default of 20 polls a
 * second on its single shard every task waits for a 50 ms beat; without the other two a run that continues as new within
 * a second, and every timer, waits up to a second longer. Durations are JSON strings.
 */
const dynamicConfig = [
  'history.transferProcessorMaxPollRPS=2000',
  'history.workflowIdReuseMinimalInterval="10ms"',
  'history.timerProcessorMaxTimeShift="10ms"',
  'matching.enableFairness=true',
  'frontend.namespaceRPS.visibility=100',
];

/** WAL with synchronous NORMAL triples the throughput and lost nothing when the server was killed (`docs/temporal.md` §9). */
const sqlitePragmas = ['journal_mode=WAL', 'synchronous=NORMAL'];

/** The arguments of the `temporal` binary for a dev server on the loopback address, with its UI, that keeps its data. */
export function serverArguments(flags: ServerFlags): string[] {
  return [
    'server',
    'start-dev',
    ...['--ip', '127.0.0.1', '--port', String(flags.port), '--ui-port', String(flags.uiPort)],
    ...['--db-filename', flags.databaseFile],
    ...sqlitePragmas.flatMap((pragma) => ['--sqlite-pragma', pragma]),
    ...dynamicConfig.flatMap((value) => ['--dynamic-config-value', value]),
    ...(flags.namespace === 'default' ? [] : ['--namespace', flags.namespace]),
    ...(flags.codecEndpoint === undefined ? [] : ['--ui-codec-endpoint', flags.codecEndpoint]),
    '--ui-disable-news-fetch',
    ...['--log-level', 'warn'],
  ];
}
