import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';

import { parseDocument } from 'yaml';

import { isJsonObject, type JsonObject } from '#libs/contracts/json.js';

import { CliError, errorText } from './errors.js';

/**
 * Reads a spec, YAML or JSON, from a file or, for `-`, from `stdin`. Whether it is a good one is for the API to say.
 * @throws {CliError} naming the file when it cannot be read, is not YAML, or holds no object.
 */
export async function readSpec(file: string, stdin: NodeJS.ReadableStream): Promise<JsonObject> {
  const name = file === '-' ? 'standard input' : file;
  let content: string;
  try {
    content = file === '-' ? await text(stdin) : await readFile(file, 'utf8');
  } catch (error) {
    throw new CliError(`cannot read the spec ${name}: ${errorText(error)}`, { cause: error });
  }
  const document = parseDocument(content, { prettyErrors: true });
  const [fault] = document.errors;
  if (fault !== undefined) throw new CliError(`the spec ${name} is not valid YAML or JSON: ${fault.message.trim()}`);
  const spec: unknown = document.toJS();
  if (!isJsonObject(spec)) {
    throw new CliError(
      `the spec ${name} must hold an object with tenant, account, chain and the sections of its vendors`,
    );
  }
  return spec;
}
