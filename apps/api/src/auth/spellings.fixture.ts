/** Ways to write one address that a router, a proxy or a careless comparison may take for another. */
export const SPELLINGS: readonly { name: string; of: (path: string) => string }[] = [
  { name: 'one letter encoded', of: (path) => path.replace(/[a-z]/, (letter) => encoded(letter)) },
  { name: 'the last letter encoded', of: (path) => path.replace(/[a-z](?=[^a-z]*$)/, (letter) => encoded(letter)) },
  { name: 'all letters encoded, lower hex', of: (path) => path.replace(/[a-z]/g, (letter) => encoded(letter)) },
  { name: 'all letters encoded, upper hex', of: (path) => path.replace(/[a-z]/g, (l) => encoded(l).toUpperCase()) },
  { name: 'encoded twice', of: (path) => path.replace(/[a-z]/, (letter) => `%25${encoded(letter).slice(1)}`) },
  { name: 'upper case', of: (path) => path.toUpperCase() },
  { name: 'absolute form', of: (path) => `http://x${path}` },
  { name: 'absolute form, upper-case scheme', of: (path) => `HTTP://x${path}` },
  { name: 'absolute form of another scheme', of: (path) => `ftp://x${path}` },
  { name: 'absolute form and encoded', of: (path) => `http://x${path.replace(/[a-z]/, (letter) => encoded(letter))}` },
  { name: 'doubled first slash', of: (path) => `/${path}` },
  { name: 'doubled last slash', of: (path) => path.replace(/\/(?=[^/]*$)/, '//') },
  { name: 'trailing slash', of: (path) => `${path}/` },
  { name: 'trailing slash, encoded', of: (path) => `${path}%2f` },
  { name: 'encoded slashes', of: (path) => `/${path.slice(1).replaceAll('/', '%2F')}` },
  { name: 'a dot segment', of: (path) => `/.${path}` },
  { name: 'a dot segment at the end', of: (path) => `${path}/.` },
  { name: 'a parent segment', of: (path) => `/healthz/..${path}` },
  { name: 'encoded parent segments', of: (path) => `/healthz/%2e%2e${path}` },
  { name: 'a matrix parameter at the end', of: (path) => `${path};a=b` },
  { name: 'a matrix parameter inside', of: (path) => path.replace(/^\/([^/]*)/, '/$1;a=b') },
  { name: 'a query', of: (path) => `${path}?a=/healthz` },
  { name: 'a fragment', of: (path) => `${path}#/healthz` },
  { name: 'backslashes', of: (path) => path.replaceAll('/', '\\') },
  { name: 'no first slash', of: (path) => path.slice(1) },
  { name: 'another first character', of: (path) => `*${path.slice(1)}` },
  { name: 'a broken escape', of: (path) => `${path}%zz` },
  { name: 'an overlong letter', of: (path) => path.replace(/[a-z]/, '%c1%a1') },
  { name: 'a zero byte', of: (path) => `${path}%00` },
];

function encoded(letter: string): string {
  return `%${letter.charCodeAt(0).toString(16)}`;
}
