import type { JsonObject } from '#libs/contracts/index.js';
import { validateManifest } from '#libs/vendors/liveperson/manifest/index.js';
import type { Figure, Report } from '../figures.js';
import { median } from '../measure.js';
import type { Bench } from '../section.js';

const BYTES = 100_000;
const RUNS = 200;
const WARM_UP_RUNS = 50;
const MOST_MS = 5;

/** How long it takes to judge a manifest of 100 kB without a finding, as a text and as an object. */
export function manifest({ progress }: Bench): Promise<Report[]> {
  progress('manifest');
  const document = largeManifest(BYTES);
  const text = JSON.stringify(document, null, 2);
  const verdict = validateManifest(text);
  if (!verdict.ok) throw new Error(`the manifest has findings: ${JSON.stringify(verdict.errors[0])}`);
  const judged = (name: string, input: JsonObject | string): Figure => ({
    name,
    value: medianRun(() => validateManifest(input)),
    unit: 'ms',
    aim: { atMost: MOST_MS },
  });
  return Promise.resolve([
    {
      title: `LivePerson manifest of ${Math.round(Buffer.byteLength(text) / 1_000)} kB, judged`,
      figures: [judged('as a text, p50', text), judged('as an object, p50', document)],
      notes: [],
    },
  ]);
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

/** As many addresses to come back to as it takes. */
function largeManifest(bytes: number): JsonObject {
  const address = (i: number): string => `https://app${i}.acme.example/liveperson/callback?from=conversation-builder`;
  const count = Math.ceil(bytes / (address(1_000).length + 8));
  return {
    client_name: 'Acme Support',
    description: 'Support of Acme',
    grant_types: ['client_credentials', 'authorization_code', 'refresh_token'],
    redirect_uris: Array.from({ length: count }, (_, i) => address(i)),
    response_types: ['code'],
    scope: 'msg.consumer',
    capabilities: {
      webhooks: {
        'ms.MessagingEventNotification.ContentEvent': {
          endpoint: 'https://hooks.acme.example/liveperson',
          headers: [{ header_name: 'X-Tenant', header_value: 'acme' }],
        },
      },
    },
  };
}
