import { describe, expect, it } from 'vitest';

import { ConfigError } from '#libs/config/faults.js';

import { readComposedTemporal } from './compose.js';
import { explainDatabase } from './database.js';
import { explainServer } from './server.js';

describe('what the last lines of a log mean', () => {
  it.each([
    {
      reason: 'files of another version',
      log: 'DETAIL:  The data directory was initialized by PostgreSQL version 14, which is not compatible with this version 15.18 (Debian).',
      says: 'GANGWAY_DATA_DIR: its database is of PostgreSQL 14, and 15.18 is installed',
    },
    {
      reason: 'another one on the same files',
      log: 'FATAL:  lock file "postmaster.pid" already exists',
      says: 'GANGWAY_DATA_DIR: another PostgreSQL uses its database: stop that one',
    },
    {
      reason: "somebody else's files",
      log: 'FATAL:  data directory "/data" has wrong ownership',
      says: 'GANGWAY_DATA_DIR: its database must belong to who runs PostgreSQL',
    },
  ])('of PostgreSQL: $reason', ({ log, says }) => {
    const error = explainDatabase(`LOG:  starting\n${log}\n`);
    expect(error).toBeInstanceOf(ConfigError);
    expect(error?.message).toContain(says);
  });

  it.each([
    {
      reason: 'no such database',
      log: String.raw`"error":"FATAL: database \"temporal\" does not exist (SQLSTATE 3D000)"`,
      says: 'PostgreSQL has no database "temporal": docker/temporal-schema.sh makes it',
    },
    {
      reason: 'a database without tables',
      log: String.raw`"error":"ERROR: relation \"schema_version\" does not exist (SQLSTATE 42P01)"`,
      says: 'the database has no table "schema_version": docker/temporal-schema.sh makes it',
    },
    {
      reason: 'a wrong password',
      log: 'failed SASL auth: FATAL: password authentication failed for user "temporal" (SQLSTATE 28P01)',
      says: 'POSTGRES_PWD: PostgreSQL refuses the password of POSTGRES_USER',
    },
    {
      reason: 'tables of another version',
      log: 'sql schema version compatibility check failed: version mismatch for keyspace/database: "temporal". Expected version: 1.19',
      says: "the database's tables are of another version of Temporal (version mismatch for keyspace/database:",
    },
  ])('of the server: $reason', ({ log, says }) => {
    expect(explainServer(log)?.message).toContain(says);
  });

  it('is left to the reader where nothing is known of it', () => {
    expect(explainDatabase('LOG:  database system is ready to accept connections')).toBeUndefined();
    expect(explainServer('{"level":"warn","msg":"slow"}')).toBeUndefined();
  });
});

describe('readComposedTemporal', () => {
  it('takes scripts, dynamic settings and variables from the services that use them', () => {
    const { server, schema, dynamicConfig, schemaScript, namespaceScript } = readComposedTemporal();
    expect(server).toMatchObject({ DB: 'postgres12_pgx', NUM_HISTORY_SHARDS: '128' });
    expect(schema).toMatchObject({ SQL_PLUGIN: 'postgres12_pgx' });
    const names = [dynamicConfig, schemaScript, namespaceScript].map((file) => file.split('/docker/')[1]);
    expect(names).toEqual(['temporal-dynamic-config.yaml', 'temporal-schema.sh', 'temporal-namespace.sh']);
  });
});
