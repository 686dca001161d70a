// `node docker/healthcheck.mjs <url>`: exit code 0 when the address answers with a 2xx status within 3 s.
const response = await fetch(process.argv[2], { signal: AbortSignal.timeout(3_000) });
process.exitCode = response.ok ? 0 : 1;
