const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/**
 * A text in which variables are filled in: `${NAME}`, or `${NAME:-otherwise}` for one that may be unset or empty. Returns the text, or
 * what is wrong, without a value.
 */
export function expandVariables(text: string, env: NodeJS.ProcessEnv): { text: string } | { fault: string } {
  const missing: string[] = [];
  const expanded = text.replace(VARIABLE, (_whole, name: string, otherwise: string | undefined) => {
    const value = env[name] || otherwise;
    if (value === undefined) missing.push(name);
    return value ?? '';
  });
  return missing.length === 0
    ? { text: expanded }
    : { fault: `names the environment variable ${missing.join(' and ')}, which is not set` };
}
