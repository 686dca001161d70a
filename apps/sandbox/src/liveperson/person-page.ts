/** The person of the hand-off as a page: paste the file, get id and secret, or say no. */
export const PERSON_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>LivePerson sandbox: the person of the hand-off</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #1c2733; }
  label { display: block; margin-top: 1rem; font-weight: 600; }
  input, select, textarea { font: inherit; width: 100%; box-sizing: border-box; padding: .4rem; }
  textarea { font-family: ui-monospace, monospace; font-size: .85rem; height: 18rem; }
  button { font: inherit; margin: 1rem .5rem 0 0; padding: .5rem 1rem; }
  output { display: block; white-space: pre-wrap; overflow-wrap: anywhere; font-family: ui-monospace, monospace;
    background: #eef2f6; padding: 1rem; margin-top: 1rem; min-height: 1.5rem; }
  output.refused { background: #fdeaea; }
  [hidden] { display: none; }
</style>
</head>
<body>
<h1>The person at LivePerson</h1>
<p>Take the file of a hand-off, do what it asks, and hand the answer back to whoever sent it.</p>
<form>
  <label>Account id <input name="accountId" value="87654321" inputmode="numeric" required></label>
  <label>What is asked
    <select name="action">
      <option value="install">install</option>
      <option value="update">update</option>
      <option value="remove">remove</option>
      <option value="secret">tell the secret again</option>
      <option value="disable">switch off</option>
      <option value="enable">switch on</option>
    </select>
  </label>
  <label id="client" hidden>Client id <input name="clientId"></label>
  <div id="manifest">
    <label>Manifest, from a file (kept byte for byte) <input name="file" type="file" accept=".json,application/json"></label>
    <label>or pasted <textarea name="manifest" spellcheck="false"></textarea></label>
  </div>
  <button type="submit">Do it</button>
  <label>Reason for a refusal <input name="reason" value="Not allowed for this account"></label>
  <button type="button" id="reject">Refuse</button>
</form>
<output aria-live="polite">What comes out here is the body for POST /v1/onboardings/{id}/handoff.</output>
<script>
  const form = document.querySelector('form');
  const output = document.querySelector('output');
  let fileText;
  const show = (value, refused) => {
    output.className = refused ? 'refused' : '';
    output.textContent = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  };
  const arrange = () => {
    const action = form.elements.action.value;
    document.getElementById('client').hidden = action === 'install';
    document.getElementById('manifest').hidden = action !== 'install' && action !== 'update';
  };
  form.elements.action.addEventListener('change', arrange);
  form.file.addEventListener('change', async () => {
    const file = form.file.files[0];
    fileText = file && new TextDecoder('utf-8', { ignoreBOM: true }).decode(await file.arrayBuffer());
    form.manifest.value = fileText ?? '';
  });
  form.manifest.addEventListener('input', () => { fileText = undefined; });
  document.getElementById('reject').addEventListener('click', () => show({ rejected: form.reason.value }));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const action = form.elements.action.value;
    const body = { action, accountId: form.accountId.value };
    if (action !== 'install') body.clientId = form.clientId.value;
    if (action === 'install' || action === 'update') body.manifest = fileText ?? form.manifest.value;
    const headers = { 'content-type': 'application/json' };
    const reply = await fetch(location.pathname, { method: 'POST', headers, body: JSON.stringify(body) });
    const answer = await reply.json();
    if (!reply.ok) return show(answer.error, true);
    const { manifestSha256, ...handBack } = answer;
    show(handBack);
    if (manifestSha256) output.append('\\n\\nSHA-256 of the manifest that was used: ' + manifestSha256);
  });
  arrange();
</script>
</body>
</html>
`;
