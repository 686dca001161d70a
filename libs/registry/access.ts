import type { WorkflowService } from '@temporalio/client';
import type { Decoder } from '#libs/temporal/decode.js';

/** What is needed to read accounts from Temporal, without a worker. Both the client's connection and the worker's have it. */
export interface RegistryAccess {
  service: Pick<
    WorkflowService,
    | 'listWorkflowExecutions'
    | 'describeWorkflowExecution'
    | 'getWorkflowExecutionHistory'
    | 'signalWorkflowExecution'
    | 'startWorkflowExecution'
  >;
  decoder: Decoder;
  namespace: string;
}

/** One run of one workflow. */
export interface RunRef {
  workflowId: string;
  runId: string;
}
