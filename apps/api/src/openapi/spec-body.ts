import { ApiBody } from '@nestjs/swagger';

/** Names of the schemas that stand for a spec in the API description. */
export type SpecSchemaName = 'OnboardingSpec' | 'StartOnboarding';

/** Documents a body that `parseSpec` judges, instead of a schema alone: its rules reach across fields. */
export function ApiSpecBody(name: SpecSchemaName): MethodDecorator {
  return ApiBody({ required: true, schema: { $ref: `#/components/schemas/${name}` } });
}

/** Documents a body that its service judges by this schema: what it says of it goes beyond a schema, and all of it comes at once. */
export function ApiJudgedBody(name: 'StartReconciliation' | 'SetReconciliationSchedule'): MethodDecorator {
  return ApiBody({ required: true, schema: { $ref: `#/components/schemas/${name}` } });
}
