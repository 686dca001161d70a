import { describe, expect, it } from 'vitest';
import type { SeenObject } from '#libs/resources/contract.js';
import { app } from './app.js';

function named(name: string): SeenObject {
  return { id: 'app-1', key: name, marker: undefined, age: '', body: {} };
}

describe('the client_name of another app', () => {
  it.each<{ wanted: string; standing: string; says: 'taken' | 'alike' | 'nothing' }>([
    { wanted: 'Acme Support', standing: 'Acme Support', says: 'taken' },
    { wanted: 'Acme Support', standing: 'acme support', says: 'alike' },
    { wanted: 'acme', standing: 'ACME', says: 'alike' },
    { wanted: 'Straße', standing: 'STRASSE', says: 'alike' },
    { wanted: 'ΟΔΟΣ', standing: 'οδος', says: 'alike' },
    { wanted: 'Acme Support', standing: 'Acme Support ', says: 'nothing' },
    { wanted: 'Acme', standing: 'Acmé', says: 'nothing' },
  ])('$standing beside $wanted: $says', ({ wanted, standing, says }) => {
    const body = { manifest: { client_name: wanted } };
    const clash = app.clash?.(body, named(standing));
    const warning = app.resembles?.(body, named(standing));
    expect([clash !== undefined, warning !== undefined]).toEqual([says === 'taken', says === 'alike']);
    if (says === 'alike') expect(warning).toContain(`${standing} differs only in upper and lower case (id app-1)`);
  });
});
