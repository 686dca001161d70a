import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';

const host = '127.0.0.1';
const lowest = 10_000;

/** Returns true when a server can listen on the port of the loopback address now. */
export function isPortFree(port) {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', (error) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    });
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Returns ports of the loopback address that are free now, all different. */
export async function findFreePorts(count) {
  const servers = await Promise.all(Array.from({ length: count }, listenAnywhere));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/**
 * Returns ports as `findFreePorts` does, from 10,000 to `highest`: below those that systems give out by themselves, from which one that
 * was free a moment ago is soon taken.
 */
export async function findFreeLowPorts(count, highest) {
  const found = new Set();
  while (found.size < count) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest + 1));
    if (await isPortFree(port)) found.add(port);
  }
  return [...found];
}

/** Returns the process that listens on a port of this machine, as far as the system tells: not those of other users. */
export function listenerOf(port) {
  try {
    return process.platform === 'linux' ? linuxListener(port) : lsofListener(port);
  } catch {
    // No such tool, or it may not look: a taken port is told without its holder.
    return null;
  }
}

function listenAnywhere() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen({ host, port: 0 }, () => resolve(server));
  });
}

function linuxListener(port) {
  const sockets = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => listeningSockets(file, port)));
  if (sockets.size === 0) return null;
  for (const pid of fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (openFiles(pid).some((target) => sockets.has(target))) {
      return { pid: Number(pid), name: fs.readFileSync(`/proc/${pid}/comm`, 'utf8').trim() };
    }
  }
  return null;
}

/** The fields of a line: number, local address as `0100007F:1C41`, remote one, state (0A listens), ..., inode as the tenth. */
function listeningSockets(file, port) {
  if (!fs.existsSync(file)) return [];
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return fs
    .readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => state === '0A' && local?.endsWith(suffix))
    .map((fields) => `socket:[${fields[9]}]`);
}

function openFiles(pid) {
  const folder = `/proc/${pid}/fd`;
  try {
    return fs.readdirSync(folder).flatMap((fd) => {
      try {
        return [fs.readlinkSync(`${folder}/${fd}`)];
      } catch {
        return []; // closed meanwhile
      }
    });
  } catch {
    return []; // another user's, or it has ended
  }
}

function lsofListener(port) {
  const options = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 5_000 };
  const output = execFileSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], options);
  const pid = Number(/^p(\d+)$/m.exec(output)?.[1]);
  return pid > 0 ? { pid, name: /^c(.+)$/m.exec(output)?.[1] ?? '' } : null;
}
