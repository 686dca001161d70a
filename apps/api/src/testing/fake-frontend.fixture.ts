import {
  Metadata,
  Server,
  ServerCredentials,
  status as codes,
  type handleUnaryCall,
  type MethodDefinition,
} from '@grpc/grpc-js';
import proto from '@temporalio/proto';

const { workflowservice, operatorservice } = proto.temporal.api;

/** How a method is answered: with a message, an error, or never. */
export type Answer = object | Refusal | typeof NEVER;

/** The call is taken and never answered, as by a server whose database hangs. */
export const NEVER = Symbol('never answered');

/** A gRPC error. */
export class Refusal {
  constructor(
    readonly code: keyof typeof codes,
    readonly details: string,
  ) {}
}

/** A frontend of Temporal that knows nothing, and answers each method as the test says. */
export interface FakeFrontend {
  address: string;
  /** Methods that were called, in order. */
  calls: string[];
  /** How a method is answered from now on; `*` stands for all that are not named. */
  answer(method: string, how: Answer | (() => Answer)): void;
  close(): void;
}

/** Starts it on a free port of 127.0.0.1. At first every call is refused as not implemented. */
export async function startFakeFrontend(): Promise<FakeFrontend> {
  const server = new Server();
  const calls: string[] = [];
  const answers = new Map<string, Answer | (() => Answer)>();
  for (const [service, path] of [
    [workflowservice.v1.WorkflowService, 'temporal.api.workflowservice.v1.WorkflowService'],
    [operatorservice.v1.OperatorService, 'temporal.api.operatorservice.v1.OperatorService'],
  ] as const) {
    const messages: Record<string, unknown> =
      service === workflowservice.v1.WorkflowService ? workflowservice.v1 : operatorservice.v1;
    const methods = Object.keys(messages).flatMap((name) => /^(\w+)Request$/.exec(name)?.[1] ?? []);
    const handlers: Record<string, handleUnaryCall<Buffer, Uint8Array>> = {};
    const definitions: Record<string, MethodDefinition<Buffer, Uint8Array>> = {};
    for (const method of methods) {
      const response = messages[`${method}Response`] as Encodable | undefined;
      if (!response) continue;
      definitions[method] = definition(`/${path}/${method}`);
      handlers[method] = (_call, done) => {
        calls.push(method);
        const given = answers.get(method) ?? answers.get('*') ?? new Refusal('UNIMPLEMENTED', 'not answered here');
        const how = typeof given === 'function' ? (given as () => Answer)() : given;
        if (how === NEVER) return;
        if (how instanceof Refusal) done({ code: codes[how.code], details: how.details, metadata: new Metadata() });
        else done(null, response.encode(response.fromObject(how)).finish());
      };
    }
    server.addService(definitions, handlers);
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    address: `127.0.0.1:${String(port)}`,
    calls,
    answer: (method, how) => void answers.set(method, how),
    close: () => server.forceShutdown(),
  };
}

interface Encodable {
  fromObject(plain: object): object;
  encode(message: object): { finish(): Uint8Array };
}

/** Requests stay as they come: nobody reads them. */
function definition(path: string): MethodDefinition<Buffer, Uint8Array> {
  const asIs = (bytes: Uint8Array): Buffer => Buffer.from(bytes);
  return {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: asIs,
    requestDeserialize: (bytes) => bytes,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
}
