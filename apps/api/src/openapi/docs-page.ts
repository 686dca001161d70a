import fs from 'node:fs/promises';
import { createRequire } from 'node:module';

/** The files of Swagger UI that the page needs; it loads nothing from elsewhere. */
const ASSETS = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
} as const;

const INIT =
  "window.ui = SwaggerUIBundle({ url: '/openapi.json', dom_id: '#ui', deepLinking: true, validatorUrl: null });\n";

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Gangway API</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
  </head>
  <body>
    <div id="ui"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/init.js"></script>
  </body>
</html>
`;

export interface DocsFile {
  type: string;
  content: string | Buffer;
}

/** A file of the documentation page: `''` is the page itself. Undefined for a name that it does not have. */
export async function docsFile(name: string): Promise<DocsFile | undefined> {
  if (name === '') return { type: 'text/html; charset=utf-8', content: PAGE };
  if (name === 'init.js') return { type: 'text/javascript; charset=utf-8', content: INIT };
  if (!isAsset(name)) return undefined;
  // Swagger UI comes with @nestjs/swagger, so it is looked for from there.
  const own = createRequire(import.meta.url);
  const file = createRequire(own.resolve('@nestjs/swagger')).resolve(`swagger-ui-dist/${name}`);
  return { type: ASSETS[name], content: await fs.readFile(file) };
}

function isAsset(name: string): name is keyof typeof ASSETS {
  return Object.hasOwn(ASSETS, name);
}
