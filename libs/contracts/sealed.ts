/** With this a sealed secret begins, so that it is known as one where nobody can open it. */
export const SEALED_PREFIX = 'sealed:v';
