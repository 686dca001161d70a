/** An OAuth client of the sandbox and the tenant that it belongs to; tenants share nothing. */
export interface EgainCredential {
  tenant: string;
  clientId: string;
  clientSecret: string;
  /** Id of the tenant's seeded client application with the role `egain_agent`. */
  agentClientApplicationId: string;
}

/** The fixed credentials; `config/connections.sandbox.yaml` holds the same. */
export const EGAIN_CREDENTIALS: readonly EgainCredential[] = [
  {
    tenant: 'main',
    clientId: 'sandbox-egain-client',
    clientSecret: 'sandbox-egain-secret',
    agentClientApplicationId: 'a6e47a99-0000-4000-8000-000000000001',
  },
  {
    tenant: 'second',
    clientId: 'sandbox-egain-second-client',
    clientSecret: 'sandbox-egain-second-secret',
    agentClientApplicationId: 'a6e47a99-0000-4000-8000-000000000002',
  },
];
