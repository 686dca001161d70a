import { CancellationScope } from '@temporalio/workflow';
import {
  isHandedOff,
  withSince,
  type AccountDrift,
  type DriftEntry,
  type OperationInput,
  type OperationResult,
  type OwnedResource,
  type RepairReport,
  type Standing,
} from '#libs/contracts/index.js';
import type { Urgency } from './interpreter/activity-options.js';
import { ignoredFields, inspectStanding, type Inspection } from './interpreter/inspect.js';
import { readStepFailure } from './interpreter/step-failure.js';
import { NO_ERROR, OperationRun } from './operation-run.js';

/**
 * Compares an account with the vendors, and, where asked to, brings back what is missing or changed and removes what nobody uses. Nothing
 * is undone: every part stands by itself, and what remains is drift.
 * @returns what the account owns, what differs still, and what was done
 * @throws ApplicationFailure `FAILED` when it could not be read or a repair was refused; `CANCELLED` when it was stopped
 */
export async function reconcileAccount(input: OperationInput): Promise<OperationResult> {
  return new Reconciliation(input).run();
}

class Reconciliation {
  private readonly operation: OperationRun;
  private readonly urgency: Urgency;
  private readonly from: Standing;

  constructor(private readonly input: OperationInput) {
    const person = input.reconcile?.origin !== 'fleet';
    this.urgency = person ? 4 : 5;
    const rewriteSecrets = input.reconcile?.rewriteSecrets === true;
    const ignored = ignoredFields(input.from?.plan.spec ?? {});
    this.operation = new OperationRun(input, { urgency: this.urgency, rewriteSecrets, ignored });
    this.from = input.from ?? { plan: this.operation.plan, resources: [] };
  }

  async run(): Promise<OperationResult> {
    const { operation, from } = this;
    const before = await this.inspected(from, null);
    if (operation.isCancelled()) return this.stopped(this.drift(null));
    if ('reason' in before) return this.failed(before.reason, this.input.reconcile?.drift);
    const drift = this.drift(before);
    if (this.input.reconcile?.mode !== 'repair') return this.done({ resources: from.resources, drift });
    return this.repair(before.found, drift);
  }

  private async repair(found: Inspection['found'], drift: AccountDrift): Promise<OperationResult> {
    const { operation, from, input } = this;
    const { transition } = operation;
    const report: RepairReport = { repaired: [], replaced: [], reissued: [] };
    const wanted = this.repairable(found);
    const leftovers = (await operation.cancellable(() => transition.repair(wanted))) ?? [];
    const spares = this.removable(found);
    if (!operation.isCancelled() && spares.size > 0) {
      leftovers.push(...((await operation.cancellable(() => transition.removeSpares(spares))) ?? []));
    }
    const resources = transition.standing();
    this.tellChanges(report, resources);
    const touched = new Set([...wanted, ...spares, ...report.repaired, ...found.map(({ key }) => key)]);
    if (operation.isCancelled()) return CancellationScope.nonCancellable(() => this.stopped(drift, resources));
    if (touched.size === 0) return this.done({ resources, drift, repair: report });
    const after = await this.inspected({ plan: from.plan, resources }, touched);
    if (operation.isCancelled()) return CancellationScope.nonCancellable(() => this.stopped(drift, resources));
    if ('reason' in after) return this.failed(after.reason, drift, resources);
    const left = this.drift(after);
    report.repaired = [...new Set([...report.repaired, ...found.map(({ key }) => key)])].filter(
      (key) => !left.entries.some((entry) => entry.key === key),
    );
    const [refused] = leftovers;
    if (refused) return this.failed(`${refused.key}: ${refused.reason}`, left, resources);
    if (report.repaired.length > 0)
      operation.tell('repaired', { replaced: report.replaced, reissued: report.reissued });
    return this.done({ resources, drift: left, repair: report }, input.reconcile?.drift);
  }

  /** What is missing or changed, as far as this repair may bring it back by itself. */
  private repairable(found: Inspection['found']): Set<string> {
    const { from, input } = this;
    const person = input.reconcile?.origin !== 'fleet';
    const all =
      input.reconcile?.rewriteSecrets === true ? from.resources.filter(({ ownership }) => ownership === 'created') : [];
    const keys = found.flatMap(({ key, kind }) => {
      if (kind !== 'missing' && kind !== 'changed') return [];
      const node = from.plan.nodes.find((each) => each.key === key);
      const recorded = from.resources.find((each) => each.key === key);
      if (!node || (!person && isHandedOff(node))) return [];
      return !person && kind === 'missing' && recorded?.ownership === 'adopted' ? [] : [key];
    });
    return new Set([...keys, ...all.map(({ key }) => key)]);
  }

  /** Duplicates that may go: of kinds to which nothing can refer only when a person asked, as a copy made by hand may carry traffic. */
  private removable(found: Inspection['found']): Set<string> {
    const { from, input } = this;
    const person = input.reconcile?.origin !== 'fleet';
    const keys = found.filter(({ kind }) => kind === 'duplicate').map(({ key }) => key);
    const referredTo = (key: string): boolean => from.plan.nodes.some(({ needs }) => needs.includes(key));
    return new Set(keys.filter((key) => person || referredTo(key)));
  }

  private tellChanges(report: RepairReport, resources: readonly OwnedResource[]): void {
    for (const before of this.from.resources) {
      const after = resources.find(({ key }) => key === before.key);
      if (!after || after.externalId === before.externalId) continue;
      report.replaced.push({ key: before.key, before: before.externalId, after: after.externalId });
      report.repaired.push(before.key);
      if (after.issued) report.reissued.push(before.key);
    }
  }

  private async inspected(
    standing: Standing,
    keys: ReadonlySet<string> | null,
  ): Promise<Inspection | { reason: string }> {
    try {
      const found = await this.operation.cancellable(() => inspectStanding(standing, this.urgency, keys));
      return found ?? { reason: this.operation.cancelReason };
    } catch (error) {
      const { code, message } = readStepFailure(error);
      return { reason: `${code}: ${message}` };
    }
  }

  private drift(inspection: Inspection | null): AccountDrift {
    const { drift } = this.input.reconcile ?? {};
    if (!inspection) return drift ?? { entries: [] };
    const entries: DriftEntry[] = withSince(inspection.found, drift, new Date().toISOString());
    return { entries, ...(inspection.unseen.length > 0 ? { unseen: inspection.unseen } : {}) };
  }

  private async done(result: OperationResult, before = this.input.reconcile?.drift): Promise<OperationResult> {
    const { operation } = this;
    const told = (drift: AccountDrift | undefined): string =>
      JSON.stringify(
        (drift?.entries ?? []).map(({ key, kind, fields, externalId }) => [key, kind, fields, externalId]),
      );
    if ((result.drift?.entries.length ?? 0) > 0 && told(result.drift) !== told(before)) operation.tell('drifted');
    operation.move('succeeded');
    await operation.told();
    return result;
  }

  private async failed(
    reason: string,
    drift: AccountDrift | undefined,
    resources = this.from.resources,
  ): Promise<never> {
    this.operation.reason = reason;
    const facts = { resources, ...(drift ? { drift } : {}) };
    return this.operation.close('FAILED', 'failed', { message: reason }, NO_ERROR, facts);
  }

  private async stopped(drift: AccountDrift, resources = this.from.resources): Promise<never> {
    const { operation } = this;
    operation.reason = operation.cancelReason;
    return operation.close('CANCELLED', 'cancelled', { message: operation.cancelReason }, NO_ERROR, {
      resources,
      drift,
    });
  }
}
