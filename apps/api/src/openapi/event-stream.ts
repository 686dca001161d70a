import { ApiNoContentResponse, ApiOkResponse, ApiProduces } from '@nestjs/swagger';
import type { JsonObject } from '#libs/contracts/index.js';
import { EVENT_DATA, notificationBodySchema } from '#libs/schemas/event.schema.js';
import { convertSchema, refTo } from './json-schema.js';

const STREAM = [
  'The events of a job from its beginning, or behind the one that Last-Event-ID or after names, as they happen. The stream stays open',
  'while the job waits or is held, and ends after the event closed; a comment line every 15 s keeps it open. An id is <runId>:<seq>;',
  'events without one (retries, waits, notifications) concern the moment and are not told again.',
].join(' ');
const OVER =
  'Nothing follows the event that Last-Event-ID or after names: the job has ended. A browser does not come back';

/**
 * Documents an answer of server-sent events. OpenAPI 3.1 has no words for one; as in 3.2, the stream is a list of its events, and the
 * data of each is JSON in a text.
 */
export function ApiEventStream(): MethodDecorator {
  return (target, key, descriptor) => {
    ApiProduces('text/event-stream')(target, key, descriptor);
    const events = { description: STREAM, schema: { type: 'array', items: refTo('ServerSentEvent') } };
    ApiOkResponse(events)(target, key, descriptor);
    ApiNoContentResponse({ description: OVER })(target, key, descriptor);
  };
}

/** Schemas of what is told: the events of a stream with their data, and the body of a notification. */
export function eventSchemas(): JsonObject {
  const data = Object.entries(EVENT_DATA).map(([event, schema]) => {
    const { id } = schema.meta() ?? {};
    return { event, name: id ?? event, components: convertSchema(schema, 'output').components };
  });
  return {
    ...Object.assign({}, ...data.map(({ components }) => components)),
    ...convertSchema(notificationBodySchema, 'output').components,
    ServerSentEvent: {
      description: 'One event of a stream; data is the JSON of what the event tells',
      oneOf: data.map(({ event, name }) => serverSentEvent(event, name)),
    },
  } as JsonObject;
}

function serverSentEvent(event: string, name: string): JsonObject {
  return {
    type: 'object',
    required: ['event', 'data'],
    properties: {
      id: { type: 'string', description: '<runId>:<seq>; the place from which to go on' },
      event: { type: 'string', const: event },
      data: { type: 'string', contentMediaType: 'application/json', contentSchema: refTo(name) },
    },
  };
}

/** What this API calls: the receivers that a spec names. */
export function webhooks(): JsonObject {
  const headers = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
  return {
    notification: {
      post: {
        operationId: 'Notification_deliver',
        summary: 'What a receiver that a spec names under notify is sent, in the form of Standard Webhooks',
        tags: ['notifications'],
        security: [],
        parameters: headers.map((name) => ({ name, in: 'header', required: true, schema: { type: 'string' } })),
        requestBody: { required: true, content: { 'application/json': { schema: refTo('NotificationBody') } } },
        responses: {
          '2XX': { description: 'Taken' },
          '410': { description: 'Never send this again' },
          default: { description: 'Sent again, five times in all' },
        },
      },
    },
  };
}
