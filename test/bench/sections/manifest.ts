import type { JsonObject } from '#libs/contracts/index.js';
import { validateManifest } from '#libs/vendors/liveperson/manifest/index.js';
import { engagement } from '#libs/vendors/liveperson/manifest/manifest.fixture.js';
import type { Figure, Report } from '../figures.js';
import { median } from '../measure.js';
import type { Bench } from '../section.js';

const BYTES = 100_000;
const RUNS = 200;
const WARM_UP_RUNS = 50;
const MOST_MS = 5;

/** How long it takes to judge a manifest of 100 kB without a finding: of a general app and of a connector, as a text and as an object. */
export function manifest({ progress }: Bench): Promise<Report[]> {
  progress('manifest');
  return Promise.resolve([
    judgedReport('a general app', sized(generalApp)),
    judgedReport('a connector', sized(connectorApp)),
  ]);
}

function judgedReport(kind: string, document: JsonObject): Report {
  const text = asText(document);
  const verdict = validateManifest(text);
  const [finding] = [...verdict.errors, ...verdict.warnings];
  if (finding) throw new Error(`the manifest of ${kind} has findings: ${JSON.stringify(finding)}`);
  const judged = (name: string, input: JsonObject | string): Figure => ({
    name,
    value: medianRun(() => validateManifest(input)),
    unit: 'ms',
    aim: { atMost: MOST_MS },
  });
  return {
    title: `LivePerson manifest of ${kind}, ${Math.round(Buffer.byteLength(text) / 1_000)} kB, judged`,
    figures: [judged('as a text, p50', text), judged('as an object, p50', document)],
    notes: [],
  };
}

function medianRun(work: () => unknown): number {
  const took: number[] = [];
  for (let run = 0; run < WARM_UP_RUNS + RUNS; run++) {
    const began = performance.now();
    work();
    if (run >= WARM_UP_RUNS) took.push(performance.now() - began);
  }
  return median(took);
}

function asText(document: JsonObject): string {
  return JSON.stringify(document, null, 2);
}

/** The manifest of a kind with as many items as make it as large as it shall be. */
function sized(make: (items: number) => JsonObject): JsonObject {
  const bytes = (items: number): number => Buffer.byteLength(asText(make(items)));
  const sample = 1_000; // enough that the part that does not grow, and shorter numbers, hardly count
  const perItem = (bytes(2 * sample) - bytes(sample)) / sample;
  return make(Math.round((BYTES - bytes(0)) / perItem));
}

/** An app that users log in to, with that many addresses to come back to. */
function generalApp(items: number): JsonObject {
  return {
    client_name: 'com.acme.desk',
    'client_name#de': 'Acme-Schreibtisch',
    display_name: 'Acme Desk',
    description: 'Desk of Acme',
    enabled: true,
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: ['https://acme.example/back', ...list(items, (i) => `https://app${i}.acme.example/back?from=desk`)],
    response_types: ['code', 'token', 'id_token', 'id_token token'],
    logo_uri: 'https://acme.example/logo.png',
    quick_launch_enabled: true,
    entry_uri: 'https://acme.example/start',
    enabled_for_profiles: list(items, (i) => i),
  };
}

/** A connector with an engagement, and that many headers for each event. */
function connectorApp(items: number): JsonObject {
  const webhook = (path: string): JsonObject => ({
    endpoint: `https://hooks.acme.example/${path}`,
    max_retries: 3,
    headers: list(items, (i) => ({ header_name: `X-Acme-${i}`, header_value: `value ${i} of ${path}` })),
  });
  return {
    client_name: 'com.acme.connector',
    description: 'Connector of Acme',
    grant_types: ['client_credentials'],
    scope: 'msg.consumer',
    capabilities: {
      webhooks: {
        'ms.MessagingEventNotification.ContentEvent': webhook('content'),
        'ms.MessagingEventNotification.RichContentEvent': webhook('rich-content'),
        'ms.MessagingEventNotification.AcceptStatusEvent': webhook('accept-status'),
        'ms.MessagingEventNotification.ChatStateEvent': webhook('chat-state'),
        'cqm.ExConversationChangeNotification': webhook('conversation'),
      },
      engagement: engagement(),
    },
  };
}

function list<T>(count: number, item: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => item(i));
}
