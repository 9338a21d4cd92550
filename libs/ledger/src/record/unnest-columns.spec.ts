import { sampleRecord } from '../testing/sample-record';
import type { Column } from './request-columns';
import { unnestColumns } from './unnest-columns';

const columns: Column[] = [
  { name: 'request_id', type: 'text', valueOf: ({ requestId }) => requestId },
  { name: 'tenant_id', type: 'text', valueOf: ({ tenantId }) => tenantId },
  { name: 'error_code', type: 'text', valueOf: ({ errorCode }) => errorCode },
];

describe('records as rows', () => {
  it('hold what all have in common once', () => {
    const records = ['a', 'b'].map((requestId) => sampleRecord({ requestId }));
    expect(unnestColumns(columns, records)).toEqual({
      sql: '(SELECT unnest($1::text[]) AS request_id, $2::text AS tenant_id, $3::text AS error_code)',
      parameters: ['{"a","b"}', 'acme', undefined],
    });
  });

  it('hold what differs for each of them', () => {
    const records = [sampleRecord(), sampleRecord({ tenantId: 'globex', errorCode: 'overloaded' })];
    expect(unnestColumns(columns, records)).toEqual({
      sql: '(SELECT unnest($1::text[]) AS request_id, unnest($2::text[]) AS tenant_id, unnest($3::text[]) AS error_code)',
      parameters: ['{"req_1","req_1"}', '{"acme","globex"}', '{NULL,"overloaded"}'],
    });
  });
});
