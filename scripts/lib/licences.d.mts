interface Component {
  name: string;
  version: string;
  licenses?: { license?: { id?: string; name?: string }; expression?: string }[];
}

export function licencesOf(sbom: { components?: Component[] }): { lines: string[]; faults: string[] };
