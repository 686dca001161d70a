import { ApiBody } from '@nestjs/swagger';

/** Names of the schemas that stand for a spec in the API description. */
export type SpecSchemaName = 'OnboardingSpec' | 'StartOnboarding';

/** Documents a body that `parseSpec` judges, instead of a schema alone: its rules reach across fields. */
export function ApiSpecBody(name: SpecSchemaName): MethodDecorator {
  return ApiBody({ required: true, schema: { $ref: `#/components/schemas/${name}` } });
}
