/** Where a run shows itself. */
export interface Screen {
  /** How far it is: on a terminal one line that is written over, elsewhere a line for each new thing and every few seconds. */
  progress: (line: string) => void;
  /** What stays. */
  print: (text: string) => void;
}

const REMIND_MS = 5_000;

/** Progress on the error output, so that the tables alone go where the output is sent. */
export function createScreen(): Screen {
  const { stderr } = process;
  const live = stderr.isTTY;
  let last = '';
  let told = -Infinity;
  const clear = (): void => {
    if (live && last !== '') stderr.write('\r\x1b[K');
    last = '';
  };
  return {
    progress: (line) => {
      if (live) stderr.write(`\r\x1b[K${line}`);
      else if (titleOf(line) !== titleOf(last) || performance.now() - told > REMIND_MS) {
        told = performance.now();
        stderr.write(`${line}\n`);
      }
      last = line;
    },
    print: (text) => {
      clear();
      process.stdout.write(`${text}\n`);
    },
  };
}

function titleOf(line: string): string {
  return line.split(':')[0] ?? '';
}
