/** A process that has started a cluster and does nothing more: what becomes of the cluster when it is killed is for a test to see. */
import { childrenOf } from '#scripts/lib/processes.mjs';
import { ensureClusterPrograms } from '#apps/temporal/src/postgres/cluster-programs.js';
import { startTemporaryCluster } from '#apps/temporal/src/postgres/cluster.js';
import { readTemporalServerConfig } from '#libs/config/temporal-server.js';

const programs = await ensureClusterPrograms(readTemporalServerConfig(), { log: () => undefined });
const { folder, database, servers } = await startTemporaryCluster({ programs });
const started = [database.part, ...servers.values()].map(({ pid }) => pid);
const pids = [...started, ...started.flatMap(childrenOf)];
process.stdout.write(`${JSON.stringify({ folder, pids })}\n`);
setInterval(() => undefined, 60_000);
