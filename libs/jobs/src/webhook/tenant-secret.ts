import { createHmac } from 'node:crypto';

/** What a tenant checks its webhooks with: made of the deployment's secret, so that it is kept nowhere. Hexadecimal. */
export const tenantWebhookSecret = (signingSecret: string, tenantId: string): string =>
  createHmac('sha256', signingSecret).update(tenantId).digest('hex');
