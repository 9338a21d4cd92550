/**
 * Exports in the shapes that providers document, with figures of our own: no file of a real account. Columns and fields are those of OpenAI's API reference
 * (usage, costs) and dashboard files, and of Anthropic's Usage and Cost API reference and console files, as read in November 2026.
 */
const page = (results: object[], more: object = {}) => ({ object: 'page', data: [{ ...bucket, results }], ...more });
/** 2026-11-20, UTC. */
const bucket = { object: 'bucket', start_time: 1_795_132_800, end_time: 1_795_219_200 };
const anonymous = { project_id: null, user_id: null, api_key_id: null };

export const openAiUsagePage = page([
  {
    object: 'organization.usage.completions.result',
    input_tokens: 5_000,
    input_cached_tokens: 4_000,
    output_tokens: 1_000,
    input_audio_tokens: 0,
    output_audio_tokens: 0,
    num_model_requests: 5,
    model: 'gpt-4o-2024-08-06',
    batch: false,
    ...anonymous,
  },
  {
    object: 'organization.usage.embeddings.result',
    input_tokens: 70,
    num_model_requests: 1,
    model: 'text-embedding-3-small',
    ...anonymous,
  },
]);

export const openAiCostsPage = page([
  {
    object: 'organization.costs.result',
    amount: { value: 0.06, currency: 'usd' },
    line_item: 'gpt-4o-2024-08-06, input',
    project_id: null,
  },
  {
    object: 'organization.costs.result',
    amount: { value: 1e-7, currency: 'usd' },
    line_item: 'gpt-4o-2024-08-06, output',
    project_id: null,
  },
]);

export const anthropicUsagePage = {
  data: [
    {
      starting_at: '2026-11-20T00:00:00Z',
      ending_at: '2026-11-21T00:00:00Z',
      results: [
        {
          uncached_input_tokens: 1_500,
          cache_creation: { ephemeral_1h_input_tokens: 1_000, ephemeral_5m_input_tokens: 500 },
          cache_read_input_tokens: 200,
          output_tokens: 510,
          server_tool_use: { web_search_requests: 10 },
          api_key_id: null,
          workspace_id: null,
          model: 'claude-sonnet-4-20250514',
          service_tier: 'standard',
          context_window: '0-200k',
        },
      ],
    },
  ],
  has_more: false,
  next_page: null,
};

export const anthropicCostPage = {
  data: [
    {
      starting_at: '2026-11-20T00:00:00Z',
      ending_at: '2026-11-21T00:00:00Z',
      results: [
        {
          currency: 'USD',
          amount: '123.78912',
          workspace_id: null,
          description: 'Claude Sonnet 4 Usage - Input Tokens',
          cost_type: 'tokens',
          context_window: '0-200k',
          model: 'claude-sonnet-4-20250514',
          service_tier: 'standard',
          token_type: 'uncached_input_tokens',
        },
      ],
    },
  ],
  has_more: true,
  next_page: 'page_abc',
};

export const openAiUsageCsv = [
  'start_time,end_time,start_time_iso,end_time_iso,project_id,num_model_requests,user_id,api_key_id,model,batch,service_tier,input_tokens,output_tokens,input_cached_tokens',
  '1795132800,1795132860,2026-11-20T00:00:00+00:00,2026-11-20T00:01:00+00:00,proj_1,2,,,gpt-4o-2024-08-06,false,default,3000,600,2500',
  '1795132860,1795132920,2026-11-20T00:01:00+00:00,2026-11-20T00:02:00+00:00,proj_1,3,,,gpt-4o-2024-08-06,false,default,2000,400,1500',
  '1795132920,1795132980,2026-11-20T00:02:00+00:00,2026-11-20T00:03:00+00:00,,,,,,,,,,',
].join('\r\n');

export const openAiCostsCsv = [
  'start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,line_item,project_id,organization_id,organization_name',
  '1795132800,1795219200,2026-11-20T00:00:00+00:00,2026-11-21T00:00:00+00:00,0.8958740000000000,usd,"gpt-4o-2024-08-06, input",proj_1,org-1,"Some, Inc."',
  '1795219200,1795305600,2026-11-21T00:00:00+00:00,2026-11-22T00:00:00+00:00,,,,,,',
].join('\n');

export const anthropicUsageCsv = [
  'usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens,web_search_count,inference_geo,speed',
  '2026-11-20,claude-sonnet-4-20250514,"a ""quoted"" key, with a comma",Default,standard,≤ 200k,1500,500,1000,200,510,10,not_available,',
].join('\n');

export const genericCsv = [
  'day,model,token_class,tokens,cost_usd',
  '2026-11-20,command-a,fresh_input,1000,0.0025',
  '2026-11-20,command-a,output,200,0.002',
  '2026-11-20,command-a,,,0.000000001',
].join('\n');
