/** Versions that name no licence in their manifest, with the one that a person has read in their LICENSE file. */
const READ_BY_HAND = { 'unionfs@4.6.0': 'Unlicense' };

/**
 * The licences of a CycloneDX document's components: `lines` are `licence<tab>name@version`, by licence and name; `faults` name what
 * has none.
 */
export function licencesOf({ components = [] }) {
  const entries = components.map(({ name, version, licenses = [] }) => {
    const component = `${name}@${version}`;
    return { component, licence: licenses.map(licenceOf).join(' AND ') || (READ_BY_HAND[component] ?? '') };
  });
  const lines = entries
    .filter(({ licence }) => licence !== '')
    .map(({ licence, component }) => `${licence}\t${component}`)
    .sort();
  const faults = entries
    .filter(({ licence }) => licence === '')
    .map(({ component }) => `${component} names no licence: look at it, and tell its authors`);
  return { lines: [...new Set(lines)], faults };
}

function licenceOf({ license, expression }) {
  return expression ?? license?.id ?? license?.name ?? '';
}
