import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WebSocket } from 'undici';
import { until } from '#test/support/until.js';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-features=IsolateSandboxedIframes',
  '--window-size=1400,1800',
  '--remote-debugging-port=0',
];
const PAGE_MS = 60_000;

/** Whether this machine has a browser. */
export const hasBrowser = existsSync(CHROMIUM);

/** A page of a browser without a window. */
export interface Page {
  /** Goes to an address and resolves with the page's text once it holds all of these. */
  textAt(url: string, wanted: readonly string[]): Promise<string>;
  /** What is seen now, as PNG. */
  picture(): Promise<Buffer>;
  close(): Promise<void>;
}

/** Starts a browser of its own profile and speaks the DevTools protocol with its one page. */
export async function openPage(): Promise<Page> {
  const profile = mkdtempSync(path.join(tmpdir(), 'gangway-browser-'));
  const child = spawn(CHROMIUM, [...FLAGS, `--user-data-dir=${profile}`, 'about:blank'], { stdio: 'ignore' });
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const portFile = path.join(profile, 'DevToolsActivePort');
  const port = await until(
    () => (existsSync(portFile) ? readFileSync(portFile, 'utf8').split('\n')[0] : undefined),
    'the browser to listen',
    PAGE_MS,
  );
  const targets = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as {
    type: string;
    webSocketDebuggerUrl: string;
  }[];
  const socket = new WebSocket(targets.find(({ type }) => type === 'page')?.webSocketDebuggerUrl ?? '');
  const waiting = new Map<number, (result: Record<string, unknown>) => void>();
  socket.addEventListener('message', ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id?: number; result?: Record<string, unknown> };
    if (id !== undefined) waiting.get(id)?.(result ?? {});
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', reject);
  });
  let sent = 0;
  const send = (method: string, params: object = {}): Promise<Record<string, unknown>> => {
    sent += 1;
    const id = sent;
    return new Promise((resolve) => {
      waiting.set(id, resolve);
      socket.send(JSON.stringify({ id, method, params }));
    });
  };
  /** All texts of the page and of the frames in it: the UI shows Markdown in frames of their own. */
  const text = async (): Promise<string> => {
    const { strings } = await send('DOMSnapshot.captureSnapshot', { computedStyles: [] });
    return Array.isArray(strings) ? strings.join('\n') : '';
  };
  return {
    textAt: async (url, wanted) => {
      await send('Page.navigate', { url });
      const found = async (): Promise<string | undefined> => {
        const now = await text();
        return wanted.every((each) => now.includes(each)) ? now : undefined;
      };
      return until(found, `${wanted.join(', ')} at ${url}`, PAGE_MS);
    },
    picture: async () => Buffer.from((await send('Page.captureScreenshot'))['data'] as string, 'base64'),
    close: async () => {
      socket.close();
      child.kill('SIGTERM');
      await exited;
      // Its helpers may write for a moment longer. Unlike rmSync, rm empties a folder anew at each try.
      await rm(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}
