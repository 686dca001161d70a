import type { Progress } from '#libs/contracts/progress.js';

import type { RunEvent } from '../api/event-stream.js';
import { eventLine } from '../render/event-line.js';
import { createLiveRegion, type TerminalStream } from '../render/live-region.js';
import { stepTable } from '../render/step-table.js';
import { painter } from '../render/text.js';

/** Clocks and countdowns move between events. */
const TICK_MS = 500;

/** Shows a run while it is followed; its members fit `FollowOptions`. */
export interface WatchScreen {
  onProgress(progress: Progress): void;
  onEvent(event: RunEvent): void;
  onLost(reason: string): void;
  /** Leaves on the screen what is printed once in place of the view: `report`, default the whole last state. Safe to call twice. */
  end(report?: readonly string[]): void;
}

export interface WatchStream extends TerminalStream {
  isTTY?: boolean;
  hasColors?: () => boolean;
}

/** A step table that is redrawn in place on a terminal, one plain line per event elsewhere. */
export function createWatchScreen(out: WatchStream): WatchScreen {
  return out.isTTY === true ? liveScreen(out) : plainScreen(out);
}

/** One line of JSON per event, for programs. */
export function createJsonScreen(out: TerminalStream): WatchScreen {
  return {
    onProgress: () => undefined,
    onEvent: (event) => out.write(`${JSON.stringify(event)}\n`),
    onLost: () => undefined,
    end: () => undefined,
  };
}

/** Shows nothing: only the end is of interest. */
export const silentScreen: WatchScreen = {
  onProgress: () => undefined,
  onEvent: () => undefined,
  onLost: () => undefined,
  end: () => undefined,
};

function liveScreen(out: WatchStream): WatchScreen {
  const region = createLiveRegion(out);
  const paint = painter(out);
  let last: Progress | undefined;
  const width = (): number => Math.max(20, (out.columns ?? 80) - 1);
  const draw = (): void => {
    if (last === undefined) return;
    const height = Math.max(6, (out.rows ?? 24) - 1);
    region.draw(stepTable(last, { width: width(), height, now: Date.now(), paint }));
  };
  let ticking: NodeJS.Timeout | undefined = setInterval(draw, TICK_MS);
  return {
    onProgress: (progress) => {
      last = progress;
      draw();
    },
    onEvent: () => undefined,
    onLost: (reason) => region.print(paint('yellow', `${reason}; connecting again`)),
    end: (report) => {
      if (ticking === undefined) return;
      clearInterval(ticking);
      ticking = undefined;
      // What was cut to stay in place is whole in the end.
      if (report !== undefined) region.draw(report);
      else if (last !== undefined) region.draw(stepTable(last, { width: width(), now: Date.now(), paint }));
      region.end();
    },
  };
}

function plainScreen(out: TerminalStream): WatchScreen {
  return {
    onProgress: () => undefined,
    onEvent: (event) => out.write(`${eventLine(event)}\n`),
    onLost: (reason) => out.write(`${reason}; connecting again\n`),
    end: (report) => {
      if (report !== undefined) out.write(['', ...report].map((line) => `${line}\n`).join(''));
    },
  };
}
