import type { RunEvent } from '../api/event-stream.js';
import { printable } from './text.js';

/** An event as one plain line: time of day (UTC), what kind, the sentence: `12:30:05Z step egain.channel.sms is done`. */
export function eventLine(event: RunEvent): string {
  const at = event.data.at === undefined ? '' : `${new Date(event.data.at).toISOString().slice(11, 19)}Z `;
  const message = event.data.message ?? '';
  return printable(`${at}${event.event.padEnd(7)} ${message}`.trimEnd());
}
