import proto from '@temporalio/proto';
import { OPERATION_SIGNAL, type AccountState } from '#libs/contracts/index.js';
import type { RegistryAccess } from '#libs/registry/index.js';

const { WorkflowExecutionStatus: STATUS, EventType } = proto.temporal.api.enums.v1;

/** How one account stands in Temporal, as far as reading it goes. */
export class AccountRuns {
  status: number = STATUS.WORKFLOW_EXECUTION_STATUS_RUNNING;
  runId = 'first';
  children = 0;
  /** What was sent to the run that is there. */
  signals: unknown[] = [];
  state: Partial<AccountState> = { queue: [], commands: [], lastOperation: null };
  /** Called before each description. */
  onDescribe: () => void = () => undefined;

  terminated(): void {
    this.status = STATUS.WORKFLOW_EXECUTION_STATUS_TERMINATED;
  }

  completed(): void {
    this.status = STATUS.WORKFLOW_EXECUTION_STATUS_COMPLETED;
  }

  /** The account goes on in another run, with what it has taken. */
  goesOn(runId: string, state: Partial<AccountState>): void {
    this.runId = runId;
    this.signals = [];
    this.state = { ...this.state, ...state };
  }

  get access(): RegistryAccess {
    const service = {
      describeWorkflowExecution: () => {
        this.onDescribe();
        const execution = { workflowId: 'account/acme.main', runId: this.runId };
        const pendingChildren = Array.from({ length: this.children }, () => ({}));
        return Promise.resolve({ workflowExecutionInfo: { status: this.status, execution }, pendingChildren });
      },
      getWorkflowExecutionHistory: () =>
        Promise.resolve({
          history: {
            events: [
              { workflowExecutionStartedEventAttributes: { input: this.state } },
              ...this.signals.map((input) => ({
                eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
                workflowExecutionSignaledEventAttributes: { signalName: OPERATION_SIGNAL, input },
              })),
            ],
          },
          nextPageToken: new Uint8Array(),
        }),
    };
    const decoder = { value: (input: unknown) => Promise.resolve(input) };
    return { service, decoder, namespace: 'default' } as unknown as RegistryAccess;
  }
}
