import { Runtime } from '@temporalio/worker';
import type { Connection } from '#libs/config/connections.js';
import type { ObserveCall } from '#libs/http/call-observer.js';

/** As Prometheus shows it: `gangway_vendor_calls_total`. */
const NAME = 'gangway_vendor_calls';

/**
 * Counts the calls of a connection by what they were for and how they ended, beside the SDK's own metrics (`GANGWAY_METRICS_PORT`).
 * Without that setting nothing is counted. The runtime must be installed before.
 */
export function countCalls({ vendor, name: connection }: Pick<Connection, 'vendor' | 'name'>): ObserveCall {
  const counter = Runtime.instance().metricMeter.createCounter(NAME, undefined, 'HTTP calls to vendors');
  return ({ resource, operation, outcome }) => counter.add(1, { vendor, connection, resource, operation, outcome });
}
