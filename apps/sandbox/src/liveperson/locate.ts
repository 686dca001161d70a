import { type CallTarget, type Operation, segments } from '../vendor.js';

/** A call by its path: which account, and for apps which one. */
export interface Target extends CallTarget {
  account?: string;
  /** Id of an app, or the name of a service. */
  id?: string;
  /** Version of Sentinel's token endpoint. */
  version?: 'v1' | 'v2';
}

const UNKNOWN: Target = { resource: 'unknown', operation: 'unknown' };
const ON_APPS: Record<string, Operation> = { GET: 'list', POST: 'create' };
/** POST stands for PUT or DELETE when it carries X-HTTP-Method-Override. */
const ON_APP: Record<string, Operation> = { GET: 'get', PUT: 'update', POST: 'update', DELETE: 'delete' };

/** Finds out what a call is about (docs/vendors/liveperson.md §3, §4, §6.1, §8). */
export function locate(method: string, path: string): Target {
  const parts = segments(path);
  if (parts[0] === 'sentinel') return locateSentinel(method, parts.slice(1));
  const [api, accountWord, account, ...rest] = parts;
  if (api !== 'api' || accountWord !== 'account' || account === undefined) return UNKNOWN;
  if (rest[0] === 'service' && method === 'GET') return locateService(account, rest.slice(1));
  if (rest.join('/') === 'login' && method === 'POST') return { resource: 'login', operation: 'token', account };
  const [configuration, appInstall, installations, id, ...more] = rest;
  if (configuration !== 'configuration' || appInstall !== 'app-install' || installations !== 'installations')
    return UNKNOWN;
  if (more.length > 0) return UNKNOWN;
  const operation = (id === undefined ? ON_APPS[method] : ON_APP[method]) ?? 'unknown';
  return { resource: 'app', operation, account, ...(id !== undefined && { id }) };
}

function locateService(account: string, parts: string[]): Target {
  const [first, second, ...more] = parts;
  if (more.length > 0) return UNKNOWN;
  if (first === 'baseURI.json' && second === undefined) return { resource: 'domain', operation: 'list', account };
  if (first === undefined || second !== 'baseURI.json') return UNKNOWN;
  return { resource: 'domain', operation: 'get', account, id: first };
}

function locateSentinel(method: string, parts: string[]): Target {
  if (parts.join('/') === 'well-known/jwks' && method === 'GET') return { resource: 'jwks', operation: 'get' };
  const version = parts[1] === 'v2' ? 'v2' : 'v1';
  const [api, accountWord, account, ...rest] = version === 'v2' ? parts.toSpliced(1, 1) : parts;
  if (api !== 'api' || accountWord !== 'account' || account === undefined) return UNKNOWN;
  const what = rest.join('/');
  if (what === 'app/token' && method === 'POST') return { resource: 'token', operation: 'token', account, version };
  if (what === 'authorize' && method === 'GET')
    return { resource: 'authorization', operation: 'get', account, version };
  return UNKNOWN;
}
