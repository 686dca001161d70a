/** The fixed key of the sandbox; `config/connections.sandbox.yaml` holds the same. */
export const SINCH_KEY = { id: 'sandbox-key', secret: 'sandbox-secret' };

export const SINCH_REGIONS = ['us', 'eu', 'br'] as const;
export type SinchRegion = (typeof SINCH_REGIONS)[number];

export function isRegion(name: string | undefined): name is SinchRegion {
  return SINCH_REGIONS.some((region) => region === name);
}
