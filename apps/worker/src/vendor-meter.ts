import type { MetricMeter } from '@temporalio/common';
import type { Connection } from '#libs/config/connections.js';
import type { ConnectionMeter } from '#libs/resources/contract.js';

/** A meter that counts, besides, the calls that were made for runs over the fleet. */
export function countingFleet(meter: ConnectionMeter): { meter: ConnectionMeter; fleetCalls: () => number } {
  let calls = 0;
  const call: ConnectionMeter['call'] = (of) => {
    if (of.lane === 'fleet') calls++;
    meter.call(of);
  };
  return { meter: { ...meter, call }, fleetCalls: () => calls };
}

/** Counts what a connection costs at its vendor, beside the SDK's own metrics and through the same door (`GANGWAY_METRICS_PORT`): without that setting nothing is counted. */
export function vendorMeter(
  meter: Pick<MetricMeter, 'createCounter'>,
  { vendor, name }: Pick<Connection, 'vendor' | 'name'>,
): ConnectionMeter {
  const counter = (of: string, description: string): ReturnType<MetricMeter['createCounter']> =>
    meter.createCounter(`gangway_${of}`, undefined, description).withTags({ vendor, connection: name });
  const calls = counter(
    'vendor_calls',
    'Calls to vendors, by what they were for, the lane in which they waited and how they ended',
  );
  const begun = counter('listings_begun', 'Readings of a vendor list that have begun');
  const shared = counter('listings_shared', 'Questions for a vendor list that a reading begun for others has answered');
  const repeated = counter('listing_pages_repeated', 'Calls of a reading that failed and were made again');
  return {
    call: ({ lane, resource, operation, outcome }) => calls.add(1, { lane, resource, operation, outcome }),
    begun: (resource) => begun.add(1, { resource }),
    shared: (resource) => shared.add(1, { resource }),
    repeated: (resource) => repeated.add(1, { resource }),
  };
}
