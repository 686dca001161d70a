/** Something that must hold no secret, with the bytes that it is kept in. */
export interface Place {
  name: string;
  bytes: Uint8Array;
}

/** A text as a place: what an answer or a log holds. */
export function textPlace(name: string, text: string): Place {
  return { name, bytes: Buffer.from(text) };
}

/** Where which secret was found: empty when none was. `secrets` by the name that a finding tells. */
export function findSecrets(places: readonly Place[], secrets: Readonly<Record<string, string>>): string[] {
  const wanted = Object.entries(secrets).map(([name, secret]) => ({ name, forms: Object.entries(encodings(secret)) }));
  return places.flatMap((place) => {
    // One character a byte: whatever the bytes mean, forms in ASCII are found in them.
    const text = Buffer.from(place.bytes).toString('latin1');
    return wanted.flatMap(({ name, forms }) =>
      forms.filter(([, form]) => text.includes(form)).map(([how]) => `${name} in ${place.name} as ${how}`),
    );
  });
}

/** Every way in which a text may be written down, by its name, as bytes of one character each. */
export function encodings(secret: string): Record<string, string> {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString('hex');
  return {
    plain: bytes.toString('latin1'),
    JSON: Buffer.from(JSON.stringify(secret).slice(1, -1)).toString('latin1'),
    URL: encodeURIComponent(secret),
    form: new URLSearchParams({ secret }).toString().slice('secret='.length),
    hex,
    'upper-case hex': hex.toUpperCase(),
    ...Object.fromEntries(
      [0, 1, 2].flatMap((offset) => {
        const base64 = base64At(bytes, offset);
        return [
          [`base64 at offset ${offset}`, base64],
          [`base64url at offset ${offset}`, base64.replaceAll('+', '-').replaceAll('/', '_')],
        ];
      }),
    ),
  };
}

/** The characters of base64 that depend on these bytes alone when so many others (modulo 3) stand before them. */
function base64At(bytes: Buffer, offset: number): string {
  const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
  const shared = [0, 2, 3][offset] ?? 0;
  const tail = [0, 3, 2][(offset + bytes.length) % 3] ?? 0; // a character that the bytes behind change, and the padding
  return text.slice(shared, text.length - tail);
}
