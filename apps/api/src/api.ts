import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { RouteOptions } from 'fastify';
import { keysInForce, type ApiSettings } from '#libs/config/api-settings.js';
import { listenFault, PORTS } from '#libs/config/listening.js';
import { createLogger, type Logger } from '#libs/logging/index.js';
import { isEngineUnavailable, lazyClient } from '#libs/temporal/client.js';
import { AppModule, CONTROLLERS } from './app.module.js';
import type { AuditLog } from './audit/audit-log.js';
import { openAudit } from './audit/open-audit.js';
import { createRequestAudit } from './audit/request-audit.js';
import { recordKeyChange, recordStart } from './audit/start-records.js';
import { createAuthenticator } from './auth/authenticator.js';
import { KnownKeys } from './auth/known-keys.js';
import { CODEC_RATE_LIMIT, RateLimiter } from './auth/rate-limiter.js';
import { createRequestHook } from './auth/request-hook.js';
import { watchFiles } from './health/settings-files.js';
import { createHttpServer, TIMEOUTS, type Timeouts } from './server/http-server.js';
import { NestLogger } from './logging/nest-logger.js';
import { createDocument } from './openapi/document.js';
import { AllowedMethods } from './problems/allowed-methods.js';
import { ProblemFilter } from './problems/problem.filter.js';
import { createServices, type Services } from './services.js';

/** An API that listens. */
export interface Api {
  /** Base address, without a slash at its end. */
  url: string;
  /** Ends the event streams, lets the open requests finish, and closes the connection to Temporal. */
  close(): Promise<void>;
}

export interface ApiOptions {
  logger?: Logger;
}

/**
 * Starts the API. Temporal may be away: calls that need it are answered 503 until it is there.
 * @throws {ConfigError} for a port that is taken, and for what Temporal shows to be set wrong, such as a search attribute of another type.
 */
export async function createApi(settings: ApiSettings, options: ApiOptions = {}): Promise<Api> {
  const logger = options.logger ?? createLogger({ level: settings.logLevel, service: 'api' });
  const audit = openAudit(settings.auditFile, logger);
  const temporal = lazyClient(settings.temporal, settings.keyRing);
  const services = createServices(settings, temporal);
  try {
    await prepareIfReachable(services, logger);
    const app = await createApp(settings, services, logger, { audit });
    await listen(app, settings.listen);
    const unwatch = watchFiles(settings, { logger, metrics: services.metrics });
    recordStart(audit, settings);
    return {
      url: (await app.getUrl()).replace('[::1]', 'localhost'),
      close: async () => {
        unwatch();
        await services.streams.close();
        await app.close();
        await temporal.close();
        audit.close();
      },
    };
  } catch (error) {
    await temporal.close();
    audit.close();
    throw error;
  }
}

async function listen(app: NestFastifyApplication, { host, port }: ApiSettings['listen']): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    throw listenFault(error, PORTS.api);
  }
}

export interface AppOptions {
  /** Default: into the log alone. */
  audit?: AuditLog;
  /** Told each route as it is added, HEAD routes too. */
  onRoute?: (route: RouteOptions) => void;
  timeouts?: Timeouts;
}

/**
 * The application with its routes and its description; it does not listen.
 * @throws {Error} for a handler that does not say who may call it.
 */
export async function createApp(
  settings: Pick<
    ApiSettings,
    'loopback' | 'apiKeys' | 'apiKeysFile' | 'oidc' | 'rateLimit' | 'codecOpen' | 'codecOrigins' | 'trustProxy'
  >,
  services: Services,
  logger: Logger,
  { audit = openAudit(undefined, logger), onRoute, timeouts = TIMEOUTS }: AppOptions = {},
): Promise<NestFastifyApplication> {
  const keys = new KnownKeys(keysInForce(settings), {
    changed: (change) => {
      try {
        recordKeyChange(audit, change);
      } catch (error) {
        services.metrics.auditFailed();
        logger.error({ err: error, key: change.key.id, change: change.change }, 'the audit file cannot be written');
      }
    },
  });
  const onRequest = createRequestHook({
    settings,
    authenticator: createAuthenticator({ keys, oidc: settings.oidc }),
    limiter: new RateLimiter(settings.rateLimit),
    codecLimiter: new RateLimiter(CODEC_RATE_LIMIT),
  });
  const { metrics } = services;
  const onSend = createRequestAudit({ audit, metrics, logger });
  const { trustProxy } = settings;
  const server = createHttpServer({ logger, metrics, onRequest, onSend, trustProxy, timeouts });
  if (onRoute) server.getInstance().addHook('onRoute', onRoute);
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class and takes any object
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.over(services), server, {
    logger: new NestLogger(logger),
    bodyParser: false,
    abortOnError: false,
  });
  app.useGlobalFilters(new ProblemFilter(new AllowedMethods(server.getInstance())));
  services.description.document = createDocument(app, CONTROLLERS);
  await app.init();
  return app;
}

async function prepareIfReachable(services: Services, logger: Logger): Promise<void> {
  try {
    await services.prepare();
  } catch (error) {
    if (!isEngineUnavailable(error)) throw error;
    logger.warn('Temporal cannot be reached yet: calls that need it are answered 503 until it can');
  }
}
