/** The marker behind a display name: ` [gw:<installation>:<tenant>.<account>:<node>]` (`docs/vendors/sinch.md` §3.1). */
const SUFFIX = /\s*\[gw:[^\]]*\]\s*$/;

/** The customer's part of a display name: the natural key of an app. */
export function nameWithoutMarker(displayName: string): string {
  return displayName.replace(SUFFIX, '');
}
