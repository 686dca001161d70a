import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { AccountList } from './accounts/account-list.js';
import { AccountOperations } from './accounts/account-operations.js';
import { AccountOperationsController } from './accounts/account-operations.controller.js';
import { AccountReader } from './accounts/account-reader.js';
import { AccountsController } from './accounts/accounts.controller.js';
import { Credentials } from './accounts/credentials.js';
import { CredentialsController } from './accounts/credentials.controller.js';
import { AnswerNotes } from './audit/answer-notes.interceptor.js';
import { Codec } from './codec/codec.js';
import { CodecController } from './codec/codec.controller.js';
import { Streams } from './events/streams.js';
import { HealthController } from './health/health.controller.js';
import { Metrics } from './health/metrics.js';
import { Readiness } from './health/readiness.js';
import { Commander } from './onboardings/commander.js';
import { CommandsController } from './onboardings/commands.controller.js';
import { HandoffController } from './onboardings/handoff.controller.js';
import { Handoffs } from './onboardings/handoffs.js';
import { JobList } from './onboardings/job-list.js';
import { Jobs } from './onboardings/jobs.js';
import { OnboardingsController } from './onboardings/onboardings.controller.js';
import { Starter } from './onboardings/starter.js';
import { ApiDescription, DocsController } from './openapi/docs.controller.js';
import { AccountPlans } from './plans/account-plans.js';
import { AccountPlansController } from './plans/account-plans.controller.js';
import { PlansController } from './plans/plans.controller.js';
import { DeferredPlans } from './plans/deferred-plans.js';
import { Previews } from './plans/previews.js';
import { requestValidation } from './problems/request-validation.js';
import { FleetStarter } from './reconciliations/fleet-starter.js';
import { ReconciliationList } from './reconciliations/reconciliation-list.js';
import { ReconciliationReader } from './reconciliations/reconciliation-reader.js';
import { ReconciliationsController } from './reconciliations/reconciliations.controller.js';
import { Schedules } from './schedules/schedules.js';
import { SchedulesController } from './schedules/schedules.controller.js';
import type { Services } from './services.js';

/** Every address of the API. */
export const CONTROLLERS: readonly Type[] = [
  PlansController,
  OnboardingsController,
  CommandsController,
  HandoffController,
  AccountsController,
  AccountOperationsController,
  AccountPlansController,
  CredentialsController,
  ReconciliationsController,
  SchedulesController,
  CodecController,
  DocsController,
  HealthController,
];

/** The API as Nest sees it: controllers over services that are wired in `services.ts`. */
@Module({})
export class AppModule {
  static over(services: Services): DynamicModule {
    return {
      module: AppModule,
      controllers: [...CONTROLLERS],
      providers: [
        { provide: APP_INTERCEPTOR, useClass: AnswerNotes },
        { provide: APP_PIPE, useFactory: requestValidation },
        { provide: AccountList, useValue: services.accountList },
        { provide: AccountOperations, useValue: services.accountOperations },
        { provide: AccountPlans, useValue: services.accountPlans },
        { provide: AccountReader, useValue: services.accounts },
        { provide: ApiDescription, useValue: services.description },
        { provide: Codec, useValue: services.codec },
        { provide: Commander, useValue: services.commander },
        { provide: Credentials, useValue: services.credentials },
        { provide: FleetStarter, useValue: services.fleetStarter },
        { provide: Handoffs, useValue: services.handoffs },
        { provide: JobList, useValue: services.jobList },
        { provide: Jobs, useValue: services.jobs },
        { provide: Metrics, useValue: services.metrics },
        { provide: DeferredPlans, useValue: services.deferredPlans },
        { provide: Previews, useValue: services.previews },
        { provide: Readiness, useValue: services.readiness },
        { provide: ReconciliationList, useValue: services.reconciliationList },
        { provide: ReconciliationReader, useValue: services.reconciliations },
        { provide: Schedules, useValue: services.schedules },
        { provide: Starter, useValue: services.starter },
        { provide: Streams, useValue: services.streams },
      ],
    };
  }
}
