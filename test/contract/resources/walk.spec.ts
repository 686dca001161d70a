import { fullEgainSpec, planOf } from '#test/factories/index.js';
import { connectionsFile, connectionsOf, tempFolder } from '#test/support/sandbox.js';
import { walkPlan } from './walk.js';

walkPlan(planOf(fullEgainSpec()), (url) => {
  const { folder, remove } = tempFolder();
  return { connections: connectionsOf(connectionsFile(folder, url, { timeoutMs: 1_000 })), remove };
});
