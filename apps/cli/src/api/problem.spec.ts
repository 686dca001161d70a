import { describe, expect, it } from 'vitest';

import { ApiProblem, renderProblem } from './problem.js';

describe('renderProblem', () => {
  it('shows every finding with its place in the body, and the trace id', () => {
    expect(
      renderProblem(400, {
        type: 'https://gangway.dev/problems/invalid-spec',
        title: 'The spec is not valid',
        status: 400,
        detail: '2 findings',
        instance: '/v1/onboardings',
        traceId: 'trace-1',
        errors: [
          { pointer: '/egain/channels/0/type', message: 'is required' },
          { pointer: '', message: 'has an unknown field' },
        ],
      }),
    ).toEqual([
      'The spec is not valid (400 invalid-spec)',
      '2 findings',
      '  /egain/channels/0/type: is required',
      '  (whole body): has an unknown field',
      'trace id: trace-1',
    ]);
  });

  it('tells the cure of a wrong token', () => {
    const lines = renderProblem(401, { type: 'about:blank', title: 'Unauthorized' });
    expect(lines[0]).toBe('Unauthorized (401)');
    expect(lines.join('\n')).toContain('GANGWAY_TOKEN');
  });

  it('shows further members of a problem, made safe for a terminal', () => {
    expect(
      renderProblem(413, { title: 'Too large', largest: [{ pointer: '/x', bytes: 5 }], note: 'a\u001b[31mb' }),
    ).toEqual(['Too large (413)', '  largest: [{"pointer":"/x","bytes":5}]', '  note: ab']);
  });

  it('names the problem by the last part of its type', () => {
    expect(new ApiProblem(409, { type: 'https://gangway.dev/problems/account-exists' }).slug).toBe('account-exists');
  });
});
