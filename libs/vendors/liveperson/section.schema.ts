import { z } from 'zod';
import { parseDuration } from '#libs/fields/duration.js';
import { body, line } from '#libs/fields/fields.js';

const duration = z
  .string()
  .refine((value) => (parseDuration(value) ?? 0) > 0, { error: 'must be a time such as 30d or P30D, more than 0' });

/** Ten years; a time beyond what a calendar holds could not be waited for. */
const LONGEST_MS = 3_650 * 86_400_000;

/** The LivePerson section of a spec. The manifest itself is judged by the rules of its own chain. */
export const livepersonSchema = body({
  manifest: z
    .union([z.string(), z.record(z.string(), z.unknown())])
    .meta({ description: 'An application manifest: as an object, or its exact text, which is kept byte for byte' }),
  handoff: body({
    dueIn: duration
      .refine((value) => (parseDuration(value) ?? 0) <= LONGEST_MS, { error: 'must be at most 3650 days' })
      .optional()
      .meta({ description: '30 days when left out' }),
    remindEvery: duration.optional(),
    contact: line({ max: 500 }).optional(),
  }).optional(),
}).meta({ id: 'LivepersonSpec' });
