import type { ApiSettings } from '#libs/config/api-settings.js';
import { isJsonObject, type JsonObject } from '#libs/contracts/index.js';
import { SPEC_SECRETS, VENDORS } from '#libs/onboarding/index.js';
import { isSecretReference, selectPaths } from '#libs/planning/index.js';
import type { Finding } from '#libs/fields/findings.js';
import { portFault } from '#libs/notifications/ports.js';
import { NO_SUCH_SECRET, SECRET_VARIABLE } from '#libs/secrets/references.js';

type Settings = Pick<ApiSettings, 'connections' | 'rights' | 'notifications' | 'allowPrivateUrls'>;

/**
 * What a spec names and may not use: connections and variables of the worker, by its tenant, and ports of notifications. Judged on the
 * document as it was sent, since all findings come at once. The worker judges again.
 */
export function rightsFindings(body: unknown, settings: Settings): Finding[] {
  const tenant = isJsonObject(body) ? body['tenant'] : undefined;
  if (!isJsonObject(body) || typeof tenant !== 'string') return [];
  return [
    ...connectionFindings(body, tenant, settings),
    ...secretFindings(body, tenant, settings),
    ...portFindings(body, settings),
  ];
}

/** A connection that the tenant may not use is answered like one that is not there. */
function connectionFindings(body: JsonObject, tenant: string, { connections, rights }: Settings): Finding[] {
  const { connections: named } = body;
  if (!isJsonObject(named)) return [];
  return VENDORS.flatMap((vendor) => {
    const name = named[vendor];
    if (typeof name !== 'string' || name === '') return [];
    const pointer = `/connections/${vendor}`;
    const found = connections.some((each) => each.vendor === vendor && each.name === name);
    return found && rights.mayUse(name, tenant)
      ? []
      : [{ pointer, message: `names no ${vendor} connection that this tenant may use` }];
  });
}

function portFindings(body: JsonObject, { notifications, allowPrivateUrls }: Settings): Finding[] {
  return selectPaths(body, 'notify[].url').flatMap(({ pointer, value }) => {
    const rules = { ports: notifications.ports, allowPrivateUrls };
    const message = typeof value === 'string' ? portFault(value, rules) : undefined;
    return message === undefined ? [] : [{ pointer, message }];
  });
}

/** A variable that is not listed for the tenant, whether it is for others or not. Files are in the tenant's own folder. */
function secretFindings(body: JsonObject, tenant: string, { rights }: Settings): Finding[] {
  // What no secret can be named by is told by the schema.
  const isBeyond = (variable: string): boolean => SECRET_VARIABLE.test(variable) && !rights.mayName(variable, tenant);
  return SPEC_SECRETS.flatMap((pattern) =>
    selectPaths(body, pattern).flatMap(({ pointer, value }) =>
      isSecretReference(value) && 'env' in value && isBeyond(value.env) ? [{ pointer, message: NO_SUCH_SECRET }] : [],
    ),
  );
}
