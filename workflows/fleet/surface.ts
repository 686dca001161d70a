import { setCurrentDetails } from '@temporalio/workflow';
import type { FleetReport } from '#libs/contracts/index.js';
import { escape } from '../details.js';

/** Writes what the Temporal UI shows of a run over the fleet, as far as it is known. */
export function describeFleet({ status, mode, by, tenant, chain, counts, connections, stopped }: FleetReport): void {
  const scope = [
    tenant === null ? 'all tenants' : `tenant ${escape(tenant)}`,
    chain === null ? 'all chains' : `chain ${chain}`,
  ];
  const text = [
    `### ${status}`,
    `Mode ${mode}, ${scope.join(', ')}, started by ${escape(by)}`,
    `${String(counts.accounts)} accounts: ${String(counts.inSync)} in sync, ${String(counts.drifted)} drifted, ${String(counts.busy)} busy, ` +
      `${String(counts.interrupted)} interrupted, ${String(counts.unreadable)} unreadable; ${String(counts.orphans)} orphans`,
    ...connections.map(
      ({ connection, status: of, objects, vendorCalls }) =>
        `- ${escape(connection)}: ${of}, ${String(objects)} objects, ${String(vendorCalls)} calls`,
    ),
    ...(stopped ? [`**Stopped by ${stopped.rule}** on ${escape(stopped.connection)}. ${escape(stopped.detail)}`] : []),
  ].join('\n\n');
  setCurrentDetails(text);
}
