import { createHash } from 'node:crypto';

import { isJsonObject, type JsonObject } from '#libs/contracts/json.js';
import type { Progress } from '#libs/contracts/progress.js';

import type { CommandAnswer, HandoffAnswer } from '../api/answers.js';
import { CliError } from '../errors.js';
import { painter } from '../render/text.js';
import { expect, goOn, runJob, specForAccountNamed, textOf, type StoryOptions } from './story.js';
import { added } from './vendor-objects.js';

/**
 * Hands a LivePerson manifest to the sandbox's person: a wrong answer first, then the right one. Returns the job.
 * @throws {CliError} when anything comes out otherwise.
 */
export async function tellHandoff(options: StoryOptions): Promise<Progress> {
  const { client, sandbox, spec, suffix, out, signal } = options;
  const say = (...lines: string[]): unknown => out.write(lines.map((line) => `${line}\n`).join(''));
  say('', painter(out)('bold', '5. LivePerson grants no API to an account: a person installs its manifest'), '');
  const before = (await sandbox.look()).objects;
  const named = specForAccountNamed(spec, `${textOf(spec['account'])}${suffix}`);
  const asked = await runJob(options, named, 'waiting');
  const path = `/onboardings/${encodeURIComponent(asked.id)}/handoff`;
  const { body: task } = await client.call<HandoffAnswer>('GET', path, { signal });
  const digest = createHash('sha256').update(task.manifest).digest('hex');
  const connected = asked.steps[0]?.vendor === 'liveperson' && manifestOf(spec) === task.manifest;
  expect(connected && digest === task.sha256, 'the file is handed out byte for byte');
  say('', `handed to ${task.contact ?? 'a person'}, due ${task.dueAt}: ${task.instruction}`, `sha256 ${task.sha256}`);

  const app = await sandbox.installByPerson(LIVEPERSON_ACCOUNT, task.manifest);
  const answer = async (secret: string, expected: 'waiting' | 'succeeded', current: Progress): Promise<Progress> => {
    const body = { clientId: app.clientId, clientSecret: secret };
    await client.call<CommandAnswer>('POST', path, { body, signal });
    return goOn(options, current, expected);
  };
  say('', 'The person mistypes the secret:', '');
  const again = await answer(`${app.clientSecret}x`, 'waiting', asked);
  expect(
    again.waitingFor?.instruction?.includes('was not accepted') === true,
    'the person is told why and asked again',
  );
  say('', 'The person hands back what LivePerson shows:', '');
  const live = await answer(app.clientSecret, 'succeeded', again);
  const made = added(before, (await sandbox.look()).objects).map(({ kind, id }) => `${kind} ${id}`);
  expect(made.join() === `app ${live.steps[0]?.externalId ?? ''}`, 'LivePerson holds the one app that the job records');
  say('', `${live.id}: app ${app.clientId} stands, its credentials checked by a token of LivePerson and kept sealed.`);
  return live;
}

/** The sandbox's account without an install API (`config/connections.sandbox.yaml`). */
const LIVEPERSON_ACCOUNT = '87654321';

function manifestOf({ liveperson }: JsonObject): string {
  const manifest = isJsonObject(liveperson) ? liveperson['manifest'] : undefined;
  if (typeof manifest !== 'string') throw new CliError('the example of a hand-off gives its manifest as text');
  return manifest;
}
