import { createHmac } from 'node:crypto';

/** Under this name a job's webhook is signed with its tenant's secret. */
export const TENANT_SECRET_REF = 'tenant';

/** What a tenant checks its webhooks with: made of the deployment's secret, so that it is kept nowhere. Hexadecimal. */
export const tenantWebhookSecret = (signingSecret: string, tenantId: string): string =>
  createHmac('sha256', signingSecret).update(tenantId).digest('hex');
