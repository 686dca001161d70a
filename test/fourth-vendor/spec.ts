/** Parley's section of a spec. Fields are the vendor's, less what the engine wires. */
export interface ParleySpec {
  /** The brand under which the line speaks; several accounts may have the same. */
  brand: string;
  line: { name: string; greeting?: string };
  /** Name of the badge that a person makes. */
  badge: string;
}

declare module '#libs/contracts/spec.js' {
  interface VendorSections {
    parley?: ParleySpec;
  }
}
