import type { Finding } from '#libs/fields/findings.js';
import type { PlanFacts } from './plan-answer.js';

/** What a plan is shown with besides what its look has seen; kept with the look, for whoever reads it later. */
export type ShownFacts = Pick<PlanFacts, 'kind' | 'baseSpecHash' | 'undoLeadsTo'> & { warnings: Finding[] };

/** Memo of a dry run. */
export interface PreviewMemo {
  tenant: string;
  /** Absent for one that nobody reads later. */
  shown?: ShownFacts;
}

/** A plan whose look is not ready: it is read on by this id. */
export interface DeferredPlan {
  deferred: string;
}
